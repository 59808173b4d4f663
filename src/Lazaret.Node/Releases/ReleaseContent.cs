using System.Buffers.Binary;
using System.Text.Json;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>What of a release is sealed.</summary>
/// <param name="Charge">What it costs: the cohort, and rows of the ledger.</param>
/// <param name="Answer">What leaves, as JSON.</param>
/// <param name="Rho">What it costs of a privacy budget.</param>
/// <param name="AlsoTold">Outcomes that it is charged for beside the one that was asked about.</param>
/// <param name="Values">Of the outcome.</param>
public sealed record ReleaseContent(LedgerCharge Charge, byte[] Answer, decimal Rho, IReadOnlyList<string> AlsoTold, OutcomeValues Values)
{
    /// <summary>In the place of a length: the number of digests and the digests follow, and then the length.</summary>
    private const int ValuesFollow = int.MinValue;

    /// <summary>In the place of a length: how many lists of digests follow, and of each its number of digests and the digests; then the length.</summary>
    private const int AlsoValuesFollow = int.MinValue + 1;

    /// <summary>Of each outcome that it is charged for beside the one that was asked about.</summary>
    public IReadOnlyList<OutcomeValues> AlsoValues { get; init; } = [];

    /// <summary>
    /// ρ as the four 32-bit integers of a decimal; where values are known, a mark, the number of their digests and the digests; the same for each outcome among the covariates, after a mark and their number; where outcomes are told beside the one that was asked about, the
    /// length of their names as JSON, below zero, and the names; the charge's length, the charge, the answer.
    /// </summary>
    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Rho);
        if (Values.Tags.Count > 0)
        {
            writer.Write(ValuesFollow);
            WriteTags(writer, Values);
        }

        if (AlsoValues.Count > 0)
        {
            writer.Write(AlsoValuesFollow);
            writer.Write(AlsoValues.Count);
            foreach (var values in AlsoValues)
                WriteTags(writer, values);
        }

        if (AlsoTold.Count > 0)
        {
            var names = JsonSerializer.SerializeToUtf8Bytes(AlsoTold);
            writer.Write(-names.Length);
            writer.Write(names);
        }

        var charge = LedgerChargeBytes.Write(Charge);
        writer.Write(charge.Length);
        writer.Write(charge);
        writer.Write(Answer);
        writer.Flush();
        return bytes.ToArray();
    }

    public static ReleaseContent Read(ReadOnlySpan<byte> bytes)
    {
        Span<int> parts = stackalloc int[4];
        foreach (ref var part in parts)
            part = ReadNumber(ref bytes);
        var length = ReadNumber(ref bytes);
        var values = OutcomeValues.Unknown;
        if (length == ValuesFollow)
        {
            values = ReadTags(ref bytes);
            length = ReadNumber(ref bytes);
        }

        OutcomeValues[] also = [];
        if (length == AlsoValuesFollow)
        {
            also = new OutcomeValues[ReadNumber(ref bytes)];
            foreach (ref var told in also.AsSpan())
                told = ReadTags(ref bytes);
            length = ReadNumber(ref bytes);
        }

        string[] names = [];
        if (length < 0)
        {
            names = JsonSerializer.Deserialize<string[]>(bytes[..-length])!;
            bytes = bytes[-length..];
            length = ReadNumber(ref bytes);
        }

        return new ReleaseContent(LedgerChargeBytes.Read(bytes[..length]), bytes[length..].ToArray(), new decimal(parts), names, values) { AlsoValues = also };
    }

    private static void WriteTags(BinaryWriter writer, OutcomeValues values)
    {
        writer.Write(values.Tags.Count);
        foreach (var tag in values.Tags)
            writer.Write(tag);
    }

    private static OutcomeValues ReadTags(ref ReadOnlySpan<byte> bytes)
    {
        var tags = new uint[ReadNumber(ref bytes)];
        foreach (ref var tag in tags.AsSpan())
            tag = (uint)ReadNumber(ref bytes);
        return new OutcomeValues(tags);
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> bytes)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[sizeof(int)..];
        return number;
    }
}
