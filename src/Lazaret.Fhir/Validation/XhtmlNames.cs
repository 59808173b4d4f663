using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The elements and attributes that a narrative may have (txt-1): those of HTML 4's formatting chapters, as far as the reference
/// validators take them. Elements that HTML 4 deprecates are not among them; such attributes (<c>align</c>, <c>bgcolor</c>) are.
/// </summary>
internal static class XhtmlNames
{
    private static readonly string[] Blocks =
        ["address", "blockquote", "div", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"];

    private static readonly Utf8Table Elements = Number(
    [
        .. Blocks, "a", "abbr", "acronym", "area", "b", "bdo", "big", "br", "caption", "cite", "code", "col", "colgroup", "dd", "dfn", "dt",
        "em", "i", "img", "kbd", "li", "map", "q", "samp", "small", "span", "strong", "sub", "sup", "tbody", "td", "tfoot", "th", "thead",
        "tr", "tt", "var",
    ]);

    private static readonly Utf8Table Attributes = Number(
    [
        "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing", "cellvalign", "char",
        "charoff", "charset", "cite", "class", "colspan", "compact", "coords", "dir", "frame", "headers", "height", "href", "hreflang",
        "hspace", "id", "ismap", "lang", "longdesc", "name", "nohref", "nowrap", "rel", "rev", "rowspan", "rules", "scope", "shape", "span",
        "src", "start", "style", "summary", "tabindex", "title", "type", "usemap", "valign", "value", "vspace", "width", "xml:lang",
        "xml:space", "xmlns",
    ]);

    public static readonly int Paragraph = Element("p"u8);
    public static readonly int Image = Element("img"u8);
    public static readonly int Anchor = Element("a"u8);
    public static readonly int Href = Attribute("href"u8);
    public static readonly int Src = Attribute("src"u8);
    public static readonly int Xmlns = Attribute("xmlns"u8);

    private static readonly int[] LinkAttributes = [Href, Src, Attribute("cite"u8), Attribute("longdesc"u8)];

    /// <summary>The element's number; -1 when it is not allowed.</summary>
    public static int Element(ReadOnlySpan<byte> name) => Elements.Find(name);

    /// <summary>The attribute's number, below 64; -1 when it is not allowed.</summary>
    public static int Attribute(ReadOnlySpan<byte> name) => Attributes.Find(name);

    /// <summary>An element that must not stand inside of a <c>p</c>.</summary>
    public static bool IsBlock(int element) => element < Blocks.Length;

    /// <summary>An attribute whose value a browser may follow.</summary>
    public static bool IsLink(int attribute) => Array.IndexOf(LinkAttributes, attribute) >= 0;

    private static Utf8Table Number(string[] names) => new([.. names.Select((name, index) => KeyValuePair.Create(name, index))]);
}
