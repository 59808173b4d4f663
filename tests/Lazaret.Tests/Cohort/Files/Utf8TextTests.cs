using System.Text;
using Lazaret.Cohort.Files;

namespace Lazaret.Tests.Cohort.Files;

public sealed class Utf8TextTests
{
    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text()
    {
        Assert.Equal("é", Utf8Text.Decode(new byte[] { 0xEF, 0xBB, 0xBF, 0xC3, 0xA9 }, out var fault));
        Assert.Null(fault);
        Assert.Equal("", Utf8Text.Decode(new byte[] { 0xEF, 0xBB, 0xBF }, out _));
        Assert.Equal("", Utf8Text.Decode(ReadOnlyMemory<byte>.Empty, out _));
    }

    public static TheoryData<string, Encoding> OtherEncodings => new()
    {
        { "UTF-16", new UnicodeEncoding(bigEndian: false, byteOrderMark: true) },
        { "UTF-16", new UnicodeEncoding(bigEndian: true, byteOrderMark: true) },
        { "UTF-16", new UnicodeEncoding(bigEndian: false, byteOrderMark: false) },
        { "UTF-16", new UnicodeEncoding(bigEndian: true, byteOrderMark: false) },
        { "UTF-32", new UTF32Encoding(bigEndian: false, byteOrderMark: true) },
        { "UTF-32", new UTF32Encoding(bigEndian: true, byteOrderMark: true) },
        { "UTF-32", new UTF32Encoding(bigEndian: false, byteOrderMark: false) },
        { "UTF-32", new UTF32Encoding(bigEndian: true, byteOrderMark: false) },
    };

    [Theory]
    [MemberData(nameof(OtherEncodings))]
    public void Another_encoding_is_named(string name, Encoding encoding)
    {
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("subject_id,visit\n")];
        Assert.Null(Utf8Text.Decode(bytes, out var fault));
        Assert.Equal(new TextFault(0, 0, $"is {name}: save it as UTF-8"), fault);
    }

    [Fact]
    public void Bytes_that_are_no_text_have_their_place()
    {
        Assert.Null(Utf8Text.Decode(new byte[] { (byte)'a', (byte)'\n', 0xC3, 0xA9, (byte)'b', 0xFF }, out var fault));
        Assert.Equal(new TextFault(2, 3, "not UTF-8: save it as UTF-8"), fault);
    }
}
