using System.Buffers;
using System.Text;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The narrative's div (txt-1, txt-2): well-formed XML in one pass, only HTML 4's formatting elements and attributes, nothing that
/// runs or loads, only XML's own entities. No XML parser sees the bytes.
/// </summary>
internal static class Xhtml
{
    private const int MaxNesting = 256;
    private const string Namespace = "http://www.w3.org/1999/xhtml";

    private static readonly HashSet<string> Elements = new(StringComparer.Ordinal)
    {
        "a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "dfn", "div", "dl",
        "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "q", "samp", "small", "span", "strong",
        "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "ul", "var", "kbd", "address", "bdo", "ins", "del", "center", "font", "u", "s", "strike",
        "map", "area",
    };

    private static readonly HashSet<string> Attributes = new(StringComparer.Ordinal)
    {
        "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing", "cellvalign", "char",
        "charoff", "charset", "cite", "class", "color", "colspan", "compact", "coords", "dir", "face", "frame", "headers", "height", "href", "hreflang", "hspace", "id",
        "lang", "longdesc", "name", "noshade", "nowrap", "rel", "rev", "rowspan", "rules", "scope", "shape", "size", "span", "src", "start",
        "style", "summary", "tabindex", "title", "type", "valign", "value", "vspace", "width", "xml:lang", "xml:space", "xmlns", "usemap",
        "ismap", "nohref",
    };

    private static readonly SearchValues<byte> White = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> NameEnd = SearchValues.Create(" \t\r\n/>=<\"'&"u8);

    /// <summary>What is wrong; null when nothing is. Neither text nor attribute values are quoted.</summary>
    public static string? Fault(ReadOnlySpan<byte> text)
    {
        var open = new Stack<string>();
        var hasContent = false;
        var rest = text.TrimStart(" \t\r\n"u8);
        if (!rest.StartsWith("<div"u8))
            return "the narrative's root must be a div";
        do
        {
            var tag = rest.IndexOf((byte)'<');
            if (tag < 0)
                return "an element is not closed";
            if (rest[..tag].IndexOf("]]>"u8) >= 0)
                return "text must not hold ]]>";
            if (TextFault(rest[..tag], ref hasContent) is { } textFault)
                return textFault;
            rest = rest[tag..];
            if (Markup(ref rest, open, ref hasContent) is { } fault)
                return fault;
        }
        while (open.Count > 0);

        if (!rest.Trim(" \t\r\n"u8).IsEmpty)
            return "nothing may follow the root div";
        return hasContent ? null : "the narrative must have some text or an image (txt-2)";
    }

    private static string? Markup(ref ReadOnlySpan<byte> rest, Stack<string> open, ref bool hasContent)
    {
        if (rest.StartsWith("<!--"u8))
        {
            var end = rest[4..].IndexOf("--"u8);
            if (end < 0 || end + 6 >= rest.Length || rest[end + 6] != '>')
                return "a comment is not well-formed";
            rest = rest[(end + 7)..];
            return null;
        }

        if (rest.StartsWith("<![CDATA["u8))
        {
            var end = rest.IndexOf("]]>"u8);
            if (end < 0)
                return "a CDATA section is not closed";
            hasContent |= end > 9;
            rest = rest[(end + 3)..];
            return null;
        }

        if (rest.Length > 1 && rest[1] is (byte)'!' or (byte)'?')
            return "no document type and no processing instruction is allowed";
        return rest.Length > 1 && rest[1] == '/' ? EndTag(ref rest, open) : StartTag(ref rest, open, ref hasContent);
    }

    private static string? EndTag(ref ReadOnlySpan<byte> rest, Stack<string> open)
    {
        var end = rest.IndexOf((byte)'>');
        if (end < 0)
            return "an end tag is not closed";
        if (!open.TryPop(out var name) || Encoding.UTF8.GetString(rest[2..end].TrimEnd(" \t\r\n"u8)) != name)
            return "the tags are not nested";
        rest = rest[(end + 1)..];
        return null;
    }

    private static string? StartTag(ref ReadOnlySpan<byte> rest, Stack<string> open, ref bool hasContent)
    {
        var name = Name(ref rest, 1);
        if (!Elements.Contains(name))
            return NotAllowed("element", name);
        var isRoot = open.Count == 0;
        var hasNamespace = false;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var spaced = rest.IndexOfAnyExcept(White);
            if (spaced < 0)
                return "a tag is not closed";
            rest = rest[spaced..];
            if (rest[0] == '>' || rest.StartsWith("/>"u8))
                break;
            var attribute = Name(ref rest, 0);
            if (spaced == 0 || attribute.Length == 0)
                return "a tag is not well-formed";
            if (!seen.Add(attribute))
                return "an attribute is there twice";
            if (!Attributes.Contains(attribute))
                return NotAllowed("attribute", attribute);
            if (Value(ref rest, out var value) is { } fault)
                return fault;
            if (attribute == "xmlns" && Encoding.UTF8.GetString(value) != Namespace)
                return $"the div's namespace must be {Namespace}";
            if (attribute is "href" or "src" && IsScript(value))
                return "a link must not run a script (txt-1)";
            hasNamespace |= attribute == "xmlns";
        }

        if (isRoot && !hasNamespace)
            return $"the div's namespace must be {Namespace}";
        hasContent |= name == "img";
        if (rest[0] == '/')
        {
            rest = rest[2..];
            return null;
        }

        rest = rest[1..];
        open.Push(name);
        return open.Count > MaxNesting ? $"elements are nested deeper than {MaxNesting}" : null;
    }

    private static string? Value(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        value = default;
        rest = rest.TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty || rest[0] != '=')
            return "an attribute has no value";
        rest = rest[1..].TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty || rest[0] is not ((byte)'"' or (byte)'\''))
            return "an attribute's value is not quoted";
        var end = rest[1..].IndexOf(rest[0]);
        if (end < 0)
            return "an attribute's value is not closed";
        value = rest[1..(end + 1)];
        rest = rest[(end + 2)..];
        var ignored = false;
        return value.Contains((byte)'<') ? "an attribute's value holds a <" : TextFault(value, ref ignored);
    }

    /// <summary>Text between tags: only the five entities of XML, and references to characters that XML has.</summary>
    private static string? TextFault(ReadOnlySpan<byte> text, ref bool hasContent)
    {
        hasContent |= text.ContainsAnyExcept(White);
        for (var at = text.IndexOf((byte)'&'); at >= 0; at = text.IndexOf((byte)'&'))
        {
            text = text[(at + 1)..];
            var end = text.IndexOf((byte)';');
            if (end is < 1 or > 12 || !IsReference(text[..end]))
                return "only XML's own entities and character references are allowed";
            text = text[(end + 1)..];
        }

        return null;
    }

    private static bool IsReference(ReadOnlySpan<byte> name)
    {
        if (name[0] != '#')
            return Encoding.UTF8.GetString(name) is "amp" or "lt" or "gt" or "quot" or "apos";
        var isHex = name.Length > 1 && name[1] == 'x';
        var digits = name[(isHex ? 2 : 1)..];
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out uint code, out var read, isHex ? 'x' : 'd') && read == digits.Length
            && (code is 9 or 10 or 13 or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and <= 0x10FFFF));
    }

    private static bool IsScript(ReadOnlySpan<byte> value)
    {
        var scheme = Encoding.UTF8.GetString(value).TrimStart();
        return scheme.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase)
            || scheme.StartsWith("vbscript:", StringComparison.OrdinalIgnoreCase);
    }

    private static string Name(ref ReadOnlySpan<byte> rest, int start)
    {
        var length = rest[start..].IndexOfAny(NameEnd);
        length = length < 0 ? rest.Length - start : length;
        var name = Encoding.UTF8.GetString(rest.Slice(start, Math.Min(length, 64)));
        rest = rest[(start + length)..];
        return name;
    }

    /// <summary>A name from outside may be made up from a patient's data: it is only repeated when it looks like one of HTML's.</summary>
    private static string NotAllowed(string what, string name) => name.Length <= 20 && name.All(char.IsAsciiLetterLower)
        ? $"the {what} {name} is not allowed (txt-1)"
        : $"an {what} of that name is not allowed (txt-1)";
}
