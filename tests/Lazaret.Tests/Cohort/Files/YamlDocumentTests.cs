using System.Globalization;
using Lazaret.Cohort.Files;

namespace Lazaret.Tests.Cohort.Files;

public sealed class YamlDocumentTests
{
    private const int Large = 200_000;

    [Fact]
    public void Every_node_has_its_place_and_the_members_keep_their_order()
    {
        var root = Assert.IsType<YamlNode.Mapping>(Sound("# a comment\nb: [x, 'y']   # another\na:\n  nested: |\n    two\n    lines\nempty:\n"));
        Assert.Equal(["b", "a", "empty"], root.Members.Keys);
        var list = Assert.IsType<YamlNode.Sequence>(root.Members["b"].Value);
        Assert.Equal([new YamlNode.Scalar("x", 2, 5), new YamlNode.Scalar("y", 2, 8)], list.Items);
        var nested = Assert.IsType<YamlNode.Mapping>(root.Members["a"].Value);
        Assert.Equal("two\nlines\n", Assert.IsType<YamlNode.Scalar>(nested.Members["nested"].Value).Text);
        Assert.Equal(new YamlNode.Scalar("empty", 7, 1), root.Members["empty"].Key);
        Assert.Equal("", Assert.IsType<YamlNode.Scalar>(root.Members["empty"].Value).Text);
    }

    [Fact]
    public void Json_is_read_with_tabs_and_escapes()
    {
        var root = Assert.IsType<YamlNode.Mapping>(Sound("{\n\t\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": [1, true, null]\n}"));
        Assert.Equal("\U0001F600/", Assert.IsType<YamlNode.Scalar>(root.Members["a"].Value).Text);
        Assert.Equal(3, Assert.IsType<YamlNode.Sequence>(root.Members["b"].Value).Items.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("%YAML 1.2\n---\n...\n# and an end")]
    public void A_text_without_a_document_is_no_fault(string text)
    {
        Assert.Null(YamlDocument.Parse(text, out var fault) is YamlNode.Scalar { Text: "" } ? null : YamlDocument.Parse(text, out fault));
        Assert.Null(fault);
    }

    [Fact]
    public void Thirty_two_levels_are_read_and_one_more_is_not()
    {
        Sound(new string('[', 32) + new string(']', 32));
        Assert.Equal(new TextFault(1, 33, "nested more than 32 deep"), Fault(new string('[', 33) + new string(']', 33)));
    }

    public static TheoryData<string, string> HostileShapes => new()
    {
        { "open lists", Repeat("[") },
        { "open mappings", Repeat("{") },
        { "open lists a line each", Repeat("[\n") },
        { "lists as keys of lists", Repeat("[? ") },
        { "pairs in lists", Repeat("[a: ") },
        { "pairs in mappings", Repeat("{a: ") },
        { "block lists in one line", Repeat("- ") },
        { "explicit keys in one line", Repeat("? ") },
        { "explicit keys and values", Repeat("? : ") },
        { "values in one line", Repeat(": ") },
        { "deeper block mappings", Steps("a:") },
        { "deeper block lists", Steps("-") },
        { "an alias as a key", "a: &a [x]\n? *a\n: 1\n" },
        { "aliases of aliases", "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n")) + "? *a11\n: 1\n" },
        { "an alias of what holds it", "&a [*a]" },
        { "an anchor", "a: &a b" },
        { "anchors without end", "&" + Repeat("a") + " b" },
        { "a tag", "a: !!binary b" },
        { "a tag of the program's", "!<tag:yaml.org,2002:System.Object> {}" },
        { "declared tags", "%TAG !e! tag:example.org,2000:\n---\n!e!x a" },
        { "a second document", "a: b\n---\nc: d\n" },
        { "documents", Repeat("---\n") },
        { "many items", "[" + Repeat("x,") + "]" },
        { "many block items", Repeat("-\n") },
        { "many keys", string.Concat(Enumerable.Range(0, Large).Select(i => $"k{i.ToString(CultureInfo.InvariantCulture)}: v\n")) },
        { "a long text", "a: " + Repeat("x") },
        { "a long folded text", "a: >\n" + Repeat(" x\n") },
        { "a long literal text", "a: |\n" + Repeat(" x\n\n") },
        { "a long quoted text", "a: \"" + Repeat("\\x41") + Repeat("\\x41") + "\"" },
        { "a long key", Repeat("k") + ": v" },
        { "a key of many lines", "\"" + Repeat("k\n ") + "\": v" },
        { "a mapping as a key", "{a: b}: c" },
        { "a list as a key", "? [a]\n: c" },
        { "a key twice", "a: b\na: c" },
        { "a key twice, written differently", "a: b\n\"\\x61\": c" },
        { "no end", "a: [b" },
        { "no end of a quote", "a: \"b" },
        { "half a surrogate pair", "a: \"\\ud800\\ud800\"" },
        { "an end without a document", "...\na" },
        { "a letter beyond Unicode", "a: \"\\U00110000\"" },
        { "a control character", "a: \u001b[31m" },
        { "zeros", Repeat("\0") },
        { "a line separator in a list", "? [\u2028|2-\n" },
    };

    [Theory]
    [MemberData(nameof(HostileShapes))]
    public void A_hostile_shape_is_a_fault_with_its_place(string shape, string text)
    {
        Assert.NotEmpty(shape);
        var fault = Fault(text);
        Assert.True(fault is { Line: > 0, Column: > 0 }, fault.ToString());
        Assert.InRange(fault.Message.Length, 1, 200);
        Assert.Null(PlainText.FindUnplain(fault.Message));
    }

    [Theory]
    [InlineData("#")]
    [InlineData("#\n")]
    [InlineData("%FOO bar\n")]
    [InlineData("\n")]
    [InlineData("\t")]
    public void Much_that_says_nothing_is_read(string piece) => Sound(Repeat(piece) + (piece[0] == '%' ? "---\na: b" : "\na: b"));

    [Theory]
    [InlineData("a: &x b", "an anchor or alias: write out what it stands for")]
    [InlineData("a: !x b", "a tag: leave it out")]
    [InlineData("a: b\na: c", "the same key a second time")]
    [InlineData("a: b\n---\nc: d", "a second document: there must be one")]
    [InlineData("a: \u009b", "the control character \\u{009B}")]
    public void A_fault_says_what_to_do(string text, string message) => Assert.Equal(message, Fault(text).Message);

    private static YamlNode Sound(string text)
    {
        var root = YamlDocument.Parse(text, out var fault);
        Assert.Null(fault);
        return Assert.IsAssignableFrom<YamlNode>(root);
    }

    private static TextFault Fault(string text)
    {
        Assert.Null(YamlDocument.Parse(text, out var fault));
        return Assert.IsType<TextFault>(fault);
    }

    private static string Repeat(string piece) => string.Concat(Enumerable.Repeat(piece, Large / piece.Length));

    private static string Steps(string entry) => string.Concat(Enumerable.Range(0, 600).Select(depth => $"{new string(' ', depth)}{entry}\n"));
}
