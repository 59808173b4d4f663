using System.Buffers.Binary;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>What of a release is sealed.</summary>
/// <param name="Charge">What it costs: the cohort, and rows of the ledger.</param>
/// <param name="Answer">What leaves, as JSON.</param>
/// <param name="Rho">What it costs of a privacy budget.</param>
public sealed record ReleaseContent(LedgerCharge Charge, byte[] Answer, decimal Rho)
{
    private const int Head = sizeof(decimal) + sizeof(int);

    /// <summary>ρ as the four 32-bit integers of a decimal, the charge's length as another one, the charge, the answer.</summary>
    public byte[] Write()
    {
        var charge = LedgerChargeBytes.Write(Charge);
        var bytes = new byte[Head + charge.Length + Answer.Length];
        foreach (var (index, part) in decimal.GetBits(Rho).Index())
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(index * sizeof(int)), part);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(decimal)), charge.Length);
        charge.CopyTo(bytes, Head);
        Answer.CopyTo(bytes, Head + charge.Length);
        return bytes;
    }

    public static ReleaseContent Read(ReadOnlySpan<byte> bytes)
    {
        Span<int> parts = stackalloc int[4];
        for (var part = 0; part < parts.Length; part++)
            parts[part] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(part * sizeof(int))..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[sizeof(decimal)..]);
        return new ReleaseContent(LedgerChargeBytes.Read(bytes.Slice(Head, length)), bytes[(Head + length)..].ToArray(), new decimal(parts));
    }
}
