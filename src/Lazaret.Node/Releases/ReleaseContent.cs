using System.Buffers.Binary;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>What of a release is sealed.</summary>
/// <param name="Charge">What it costs: the cohort, and a row of the ledger.</param>
/// <param name="Answer">What leaves, as JSON.</param>
public sealed record ReleaseContent(LedgerCharge Charge, byte[] Answer)
{
    /// <summary>The charge's length as a 32-bit integer, the charge, the answer.</summary>
    public byte[] Write()
    {
        var charge = LedgerChargeBytes.Write(Charge);
        var bytes = new byte[sizeof(int) + charge.Length + Answer.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, charge.Length);
        charge.CopyTo(bytes, sizeof(int));
        Answer.CopyTo(bytes, sizeof(int) + charge.Length);
        return bytes;
    }

    public static ReleaseContent Read(ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return new ReleaseContent(LedgerChargeBytes.Read(bytes.Slice(sizeof(int), length)), bytes[(sizeof(int) + length)..].ToArray());
    }
}
