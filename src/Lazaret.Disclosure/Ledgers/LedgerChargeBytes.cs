using System.Buffers.Binary;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>
/// A charge as bytes, so that a ledger can be built again from what was released. Little-endian: the format's number (1, or 2 if bits are told beside
/// the rows, which then follow as a double); the length of the set and the set (<see cref="SubjectSetBytes"/>); the number of rows; for each row a byte (1 if
/// it is known), its variance, and its weights as doubles. Lengths and numbers are 32-bit.
/// </summary>
public static class LedgerChargeBytes
{
    private const byte Rows = 1;
    private const byte RowsAndBits = 2;
    private const int MostRows = 4096;

    public static byte[] Write(LedgerCharge charge)
    {
        var set = SubjectSetBytes.Write(charge.Cohort);
        var rowLength = RowLength(charge.Cohort.Count);
        var format = charge.Bits > 0 ? RowsAndBits : Rows;
        var head = HeadLength(format);
        var bytes = new byte[checked(head + 4 + set.Length + 4 + charge.Rows.Count * rowLength)];
        bytes[0] = format;
        if (format == RowsAndBits)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), charge.Bits);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(head), set.Length);
        set.CopyTo(bytes, head + 4);
        var left = bytes.AsSpan(head + 4 + set.Length);
        BinaryPrimitives.WriteInt32LittleEndian(left, charge.Rows.Count);
        left = left[4..];
        foreach (var row in charge.Rows)
        {
            left[0] = row.IsKnown ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteDoubleLittleEndian(left[1..], row.Variance);
            for (var i = 0; i < row.Weights.Count; i++)
                BinaryPrimitives.WriteDoubleLittleEndian(left[(9 + 8 * i)..], row.Weights[i]);
            left = left[rowLength..];
        }

        return bytes;
    }

    /// <exception cref="FormatException">The bytes are not what <see cref="Write"/> makes of any charge.</exception>
    public static LedgerCharge Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] is not (Rows or RowsAndBits))
            throw Damaged();
        var head = HeadLength(bytes[0]);
        if (bytes.Length < head + 8)
            throw Damaged();
        var bits = bytes[0] == RowsAndBits ? BinaryPrimitives.ReadDoubleLittleEndian(bytes[1..]) : 0;
        var setLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[head..]);
        if (!(bits >= 0 && double.IsFinite(bits)) || setLength < 0 || setLength > bytes.Length - head - 8)
            throw Damaged();
        var cohort = SubjectSetBytes.Read(bytes.Slice(head + 4, setLength));
        var left = bytes[(head + 4 + setLength)..];
        var count = BinaryPrimitives.ReadInt32LittleEndian(left);
        left = left[4..];
        var rowLength = RowLength(cohort.Count);
        if (cohort.Count == 0 || count is < 0 or > MostRows || left.Length != (long)count * rowLength)
            throw Damaged();
        var rows = new LedgerRow[count];
        for (var i = 0; i < count; i++)
            rows[i] = ReadRow(left.Slice(i * rowLength, rowLength));
        return new LedgerCharge(cohort, rows, bits);
    }

    private static LedgerRow ReadRow(ReadOnlySpan<byte> bytes)
    {
        var variance = BinaryPrimitives.ReadDoubleLittleEndian(bytes[1..]);
        var weights = new double[(bytes.Length - 9) / 8];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(9 + 8 * i)..]);
        var squares = weights.Sum(weight => weight * weight);
        return bytes[0] <= 1 && variance > 0 && double.IsFinite(variance) && Math.Abs(squares - 1) < 1e-9
            ? new LedgerRow(weights, variance, isKnown: bytes[0] == 1)
            : throw Damaged();
    }

    private static int HeadLength(byte format) => format == RowsAndBits ? 1 + 8 : 1;

    private static int RowLength(int n) => checked(1 + 8 + 8 * n);

    private static FormatException Damaged() => new("These bytes are no charge.");
}
