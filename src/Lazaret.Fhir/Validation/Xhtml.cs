using System.Buffers;
using System.Text;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The narrative's div (txt-1, txt-2): well-formed XML in one pass, only HTML 4's formatting elements and attributes, nothing that
/// runs or loads, only XML's own entities. No XML parser sees the bytes.
/// </summary>
internal ref struct Xhtml
{
    /// <summary>The fault of a narrative that says nothing: the only one after which it is certain that nothing in it runs.</summary>
    public const string NoContent = "the narrative must have some text or an image (txt-2)";

    private const int MaxNesting = 256;
    private const string Namespace = "http://www.w3.org/1999/xhtml";

    private static readonly SearchValues<byte> NameEnd = SearchValues.Create(" \t\r\n/>=<\"'&"u8);

    private readonly FhirBudget _budget;
    private readonly List<XhtmlLink>? _links;
    private readonly Stack<int> _open = new();
    private ReadOnlySpan<byte> _rest;
    private bool _hasContent;
    private bool _isInParagraph;

    private Xhtml(ReadOnlySpan<byte> text, FhirBudget budget, List<XhtmlLink>? links)
    {
        _rest = text;
        (_budget, _links) = (budget, links);
    }

    /// <summary>What is wrong; null when nothing is. Neither text nor attribute values are quoted.</summary>
    /// <param name="links">Gets what the narrative points at, as far as nothing is wrong.</param>
    public static string? Fault(ReadOnlySpan<byte> text, FhirBudget budget, List<XhtmlLink>? links = null) => XhtmlText.HasForeignCharacter(text)
        ? "the narrative holds a character that XML does not have"
        : new Xhtml(text, budget, links).Fault();

    private string? Fault()
    {
        _rest = _rest.TrimStart(" \t\r\n"u8);
        if (_rest.IsEmpty)
            return NoContent;
        if (!_rest.StartsWith("<div"u8))
            return "the narrative's root must be a div";
        do
        {
            var tag = _rest.IndexOf((byte)'<');
            if (tag < 0)
                return "an element is not closed";
            if (_rest[..tag].IndexOf("]]>"u8) >= 0)
                return "text must not hold ]]>";
            if (XhtmlText.Fault(_rest[..tag], _budget, ref _hasContent) is { } textFault)
                return textFault;
            _rest = _rest[tag..];
            if (Markup() is { } fault)
                return fault;
        }
        while (_open.Count > 0);

        if (!_rest.Trim(" \t\r\n"u8).IsEmpty)
            return "nothing may follow the root div";
        return _hasContent ? null : NoContent;
    }

    private string? Markup()
    {
        if (_rest.StartsWith("<!--"u8))
        {
            var end = _rest[4..].IndexOf("--"u8);
            if (end < 0 || end + 6 >= _rest.Length || _rest[end + 6] != '>')
                return "a comment is not well-formed";
            _budget.SpendBytes(end);
            _rest = _rest[(end + 7)..];
            return null;
        }

        if (_rest.StartsWith("<![CDATA["u8))
        {
            var end = _rest.IndexOf("]]>"u8);
            if (end < 0)
                return "a CDATA section is not closed";
            _budget.SpendBytes(end);
            _hasContent |= _rest[9..end].ContainsAnyExcept(XhtmlText.White);
            _rest = _rest[(end + 3)..];
            return null;
        }

        if (_rest.Length > 1 && _rest[1] is (byte)'!' or (byte)'?')
            return "no document type and no processing instruction is allowed";
        return _rest.Length > 1 && _rest[1] == '/' ? EndTag() : StartTag();
    }

    private string? EndTag()
    {
        var end = _rest.IndexOf((byte)'>');
        if (end < 0)
            return "an end tag is not closed";
        _budget.SpendBytes(end);
        if (!_open.TryPop(out var element) || XhtmlNames.Element(_rest[2..end].TrimEnd(" \t\r\n"u8)) != element)
            return "the tags are not nested";
        _isInParagraph &= element != XhtmlNames.Paragraph;
        _rest = _rest[(end + 1)..];
        return null;
    }

    private string? StartTag()
    {
        var name = Name(1);
        var element = XhtmlNames.Element(name);
        if (element < 0)
            return NotAllowed("element", name);
        if (_isInParagraph && XhtmlNames.IsBlock(element))
            return "a p must hold no block, as a div, a list, a table or another p";
        var isRoot = _open.Count == 0;
        if (Attributes(element, out var seen) is { } fault)
            return fault;
        if (isRoot && (seen & (1UL << XhtmlNames.Xmlns)) == 0)
            return $"the div's namespace must be {Namespace}";
        _hasContent |= element == XhtmlNames.Image && (seen & (1UL << XhtmlNames.Src)) != 0;
        if (_rest[0] == '/')
        {
            _rest = _rest[2..];
            return null;
        }

        _rest = _rest[1..];
        _open.Push(element);
        _isInParagraph |= element == XhtmlNames.Paragraph;
        return _open.Count > MaxNesting ? $"elements are nested deeper than {MaxNesting}" : null;
    }

    /// <summary>Reads up to the end of the tag.</summary>
    /// <param name="seen">The attributes, by their numbers.</param>
    private string? Attributes(int element, out ulong seen)
    {
        seen = 0;
        HashSet<string>? prefixes = null;
        while (true)
        {
            _budget.Spend();
            var spaced = _rest.IndexOfAnyExcept(XhtmlText.White);
            if (spaced < 0)
                return "a tag is not closed";
            _rest = _rest[spaced..];
            if (_rest[0] == '>' || _rest.StartsWith("/>"u8))
                return null;
            var name = Name(0);
            if (spaced == 0 || name.IsEmpty)
                return "a tag is not well-formed";
            var attribute = XhtmlNames.Attribute(name);
            var isPrefix = name.StartsWith("xmlns:"u8);
            if (attribute < 0 && !isPrefix)
                return NotAllowed("attribute", name);
            if (isPrefix ? !(prefixes ??= []).Add(Encoding.UTF8.GetString(name)) : (seen & (1UL << attribute)) != 0)
                return "an attribute is there twice";
            if (Value(out var value) is { } fault)
                return fault;
            if (isPrefix)
            {
                if (value.IsEmpty || name[6..] is [] or [< (byte)'A', ..] || name[6..].Contains((byte)':') || name[6..].StartsWith("xml"u8))
                    return "the declaration of a namespace is not well-formed";
                continue;
            }

            seen |= 1UL << attribute;
            if (attribute == XhtmlNames.Xmlns && XhtmlText.Decode(value) != Namespace)
                return $"the div's namespace must be {Namespace}";
            if (!XhtmlNames.IsLink(attribute))
                continue;
            var url = XhtmlText.Decode(value);
            if (XhtmlText.IsScript(url))
                return "a link must not run a script (txt-1)";
            if (element == XhtmlNames.Image && attribute == XhtmlNames.Src)
                _links?.Add(new XhtmlLink(IsImage: true, url));
            else if (element == XhtmlNames.Anchor && attribute == XhtmlNames.Href)
                _links?.Add(new XhtmlLink(IsImage: false, url));
        }
    }

    private string? Value(out ReadOnlySpan<byte> value)
    {
        value = default;
        _rest = _rest.TrimStart(" \t\r\n"u8);
        if (_rest.IsEmpty || _rest[0] != '=')
            return "an attribute has no value";
        _rest = _rest[1..].TrimStart(" \t\r\n"u8);
        if (_rest.IsEmpty || _rest[0] is not ((byte)'"' or (byte)'\''))
            return "an attribute's value is not quoted";
        var end = _rest[1..].IndexOf(_rest[0]);
        if (end < 0)
            return "an attribute's value is not closed";
        value = _rest[1..(end + 1)];
        _rest = _rest[(end + 2)..];
        var ignored = false;
        return value.Contains((byte)'<') ? "an attribute's value holds a <" : XhtmlText.Fault(value, _budget, ref ignored);
    }

    private ReadOnlySpan<byte> Name(int start)
    {
        var length = _rest[start..].IndexOfAny(NameEnd);
        length = length < 0 ? _rest.Length - start : length;
        var name = _rest.Slice(start, length);
        _rest = _rest[(start + length)..];
        return name;
    }

    /// <summary>A name from outside may be made up from a patient's data: it is only repeated when it looks like one of HTML's.</summary>
    private static string NotAllowed(string what, ReadOnlySpan<byte> name) => name.Length is > 0 and <= 20 && !name.ContainsAnyExceptInRange((byte)'a', (byte)'z')
        ? $"the {what} {Encoding.UTF8.GetString(name)} is not allowed (txt-1)"
        : $"an {what} of that name is not allowed (txt-1)";
}
