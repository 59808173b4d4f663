using System.Text;
using System.Text.Unicode;

namespace Lazaret.Cohort.Files;

/// <summary>The bytes of a text file: UTF-8, with or without a byte order mark. What other programs write instead is named.</summary>
public static class Utf8Text
{
    /// <summary>What is wrong with a file that <see cref="IsGzip"/>.</summary>
    public const string Compressed = "is compressed by gzip: unpack it";

    private static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    /// <summary>Without the byte order mark, which belongs to the file and not to its text.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) => bytes.Span.StartsWith(Mark) ? bytes[Mark.Length..] : bytes;

    /// <summary>The text, or null with what is wrong.</summary>
    public static string? Decode(ReadOnlyMemory<byte> bytes, out TextFault? fault)
    {
        fault = null;
        var text = WithoutMark(bytes).Span;
        if (IsGzip(bytes.Span))
            fault = new TextFault(0, 0, Compressed);
        else if (OtherEncoding(bytes.Span) is { } encoding)
            fault = new TextFault(0, 0, $"is {encoding}: save it as UTF-8");
        else if (!Utf8.IsValid(text))
            fault = Locate(text);
        return fault is null ? Encoding.UTF8.GetString(text) : null;
    }

    /// <summary>By its first bytes, which no text has.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, ..];

    /// <summary>The name of an encoding that is not UTF-8, by its byte order mark or by the zeros that it puts beside every letter; null when it is none.</summary>
    public static string? OtherEncoding(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] or [0, 0, 0, not 0, ..] or [not 0, 0, 0, 0, ..] => "UTF-32",
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, ..] or [not 0, 0, ..] => "UTF-16",
        _ => null,
    };

    private static TextFault Locate(ReadOnlySpan<byte> bytes)
    {
        Span<char> sink = new char[bytes.Length];
        Utf8.ToUtf16(bytes, sink, out var sound, out var characters, replaceInvalidSequences: false);
        var line = bytes[..sound].LastIndexOf((byte)'\n') + 1;
        return new TextFault(1 + bytes[..sound].Count((byte)'\n'), 1 + Encoding.UTF8.GetCharCount(bytes[line..sound]), "not UTF-8: save it as UTF-8");
    }
}
