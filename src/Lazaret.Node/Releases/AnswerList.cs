namespace Lazaret.Node.Releases;

/// <summary>Several JSON texts as one list, each byte for byte.</summary>
internal static class AnswerList
{
    public static byte[] Join(IEnumerable<byte[]> answers)
    {
        using var list = new MemoryStream();
        list.WriteByte((byte)'[');
        foreach (var (index, answer) in answers.Index())
        {
            if (index > 0)
                list.WriteByte((byte)',');
            list.Write(answer);
        }

        list.WriteByte((byte)']');
        return list.ToArray();
    }
}
