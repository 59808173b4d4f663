using System.Diagnostics.CodeAnalysis;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>The literal forms of Reference.reference, but for the local one.</summary>
internal static class ReferenceFormat
{
    /// <param name="target">The resource type that the URL names; null when it names none.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out ObjectType? target)
    {
        target = null;
        if (PrimitiveFormat.HasWhite(text))
            return false;
        if (PrimitiveFormat.HasScheme(text))
        {
            if (text.StartsWith("http"u8) && TryTrimVersion(ref text))
                TryReadTail(text, out target, out _);
            return true;
        }

        return TryTrimVersion(ref text) && TryReadTail(text, out target, out var length) && length == text.Length;
    }

    /// <summary>An absolute URI that does not name the type of what it points at: a URN, or a URL that is not RESTful.</summary>
    public static bool IsOpaque(ReadOnlySpan<byte> text) =>
        text.StartsWith("urn:"u8) || (text.StartsWith("http"u8) && TryRead(text, out var target) && target is null);

    /// <summary>Without <c>/_history/v</c>, which no URN has.</summary>
    public static ReadOnlySpan<byte> WithoutVersion(ReadOnlySpan<byte> text) =>
        !text.StartsWith("urn:"u8) && text.IndexOf("/_history/"u8) is > 0 and var version ? text[..version] : text;

    /// <summary>Reads <c>Type?query</c>.</summary>
    public static bool TryReadSearch(ReadOnlySpan<byte> text, out ObjectType? target)
    {
        target = text.IndexOf((byte)'?') is > 0 and var query ? R4.Definitions.FindResource(text[..query]) : null;
        return target is not null;
    }

    /// <summary>Reads <c>Type/id</c> at the end of a URL.</summary>
    public static bool TryReadTail(ReadOnlySpan<byte> url, [NotNullWhen(true)] out ObjectType? type, out int length)
    {
        (type, length) = (null, 0);
        var id = url.LastIndexOf((byte)'/');
        if (id < 0 || !PrimitiveFormat.IsId(url[(id + 1)..]))
            return false;
        var start = url[..id].LastIndexOf((byte)'/') + 1;
        length = url.Length - start;
        type = R4.Definitions.FindResource(url[start..id]);
        return type is not null;
    }

    /// <summary>Cuts <c>/_history/v</c> off; false when v is no id.</summary>
    private static bool TryTrimVersion(ref ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf("/_history/"u8);
        if (at < 0)
            return true;
        var isVersion = PrimitiveFormat.IsId(text[(at + 10)..]);
        text = text[..at];
        return isVersion;
    }
}
