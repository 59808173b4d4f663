namespace Lazaret.Disclosure.Ledgers;

/// <summary>
/// A set of subjects as bytes, the shorter of two forms. <c>0</c>: one bit per subject follows, least significant first, without zero bytes at
/// the end. <c>1</c>: the lengths of runs of absent and present subjects follow by turns, as LEB128 numbers; the first run is of absent
/// ones, the last of present ones, and only the first may be 0. If both forms are equally long, the second is used.
/// </summary>
public static class SubjectSetBytes
{
    /// <summary>More subjects than any site has; a number beyond it in the bytes is damage.</summary>
    public const int MostSubjects = 1 << 24;

    private const byte Bits = 0;
    private const byte Runs = 1;

    public static byte[] Write(SubjectSet set)
    {
        var runs = RunsOf(set);
        var bits = (set.End + 7) / 8;
        if (runs.Count <= bits)
            return [Runs, .. runs];
        var bytes = new byte[1 + bits];
        bytes[0] = Bits;
        for (var i = 0; i < bits; i++)
            bytes[1 + i] = (byte)(set.Words[i / 8] >> (i % 8 * 8));
        return bytes;
    }

    /// <exception cref="FormatException">The bytes are not what <see cref="Write"/> makes of any set.</exception>
    public static SubjectSet Read(ReadOnlySpan<byte> bytes)
    {
        var set = bytes switch
        {
            [Bits, .. var bits] when bits.Length <= MostSubjects / 8 => ReadBits(bits),
            [Runs, .. var runs] => ReadRuns(runs),
            _ => throw Damaged(),
        };
        return Write(set).AsSpan().SequenceEqual(bytes) ? set : throw Damaged();
    }

    private static SubjectSet ReadBits(ReadOnlySpan<byte> bits)
    {
        var words = new ulong[(bits.Length + 7) / 8];
        for (var i = 0; i < bits.Length; i++)
            words[i / 8] |= (ulong)bits[i] << (i % 8 * 8);
        return new SubjectSet(words);
    }

    private static SubjectSet ReadRuns(ReadOnlySpan<byte> runs)
    {
        var subjects = new List<int>();
        var (at, present) = (0, false);
        while (!runs.IsEmpty)
        {
            var length = ReadNumber(ref runs);
            if (length > MostSubjects - at)
                throw Damaged();
            if (present)
                subjects.AddRange(Enumerable.Range(at, length));
            (at, present) = (at + length, !present);
        }

        return SubjectSet.Of(subjects);
    }

    private static List<byte> RunsOf(SubjectSet set)
    {
        var bytes = new List<byte>();
        var (absentFrom, presentFrom) = (0, -1);
        foreach (var subject in set)
        {
            if (presentFrom < 0)
            {
                (presentFrom, absentFrom) = (subject, subject + 1);
                WriteNumber(bytes, subject);
            }
            else if (subject == absentFrom)
            {
                absentFrom++;
            }
            else
            {
                WriteNumber(bytes, absentFrom - presentFrom);
                WriteNumber(bytes, subject - absentFrom);
                (presentFrom, absentFrom) = (subject, subject + 1);
            }
        }

        if (presentFrom >= 0)
            WriteNumber(bytes, absentFrom - presentFrom);
        return bytes;
    }

    private static void WriteNumber(List<byte> bytes, int number)
    {
        for (; number >= 128; number >>= 7)
            bytes.Add((byte)(number | 128));
        bytes.Add((byte)number);
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> bytes)
    {
        var number = 0;
        for (var shift = 0; shift < 28 && !bytes.IsEmpty; shift += 7)
        {
            var part = bytes[0];
            bytes = bytes[1..];
            number |= (part & 127) << shift;
            if (part < 128)
                return number;
        }

        throw Damaged();
    }

    private static FormatException Damaged() => new("These bytes are no set of subjects.");
}
