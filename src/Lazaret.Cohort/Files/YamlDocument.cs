using System.Buffers;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lazaret.Cohort.Files;

/// <summary>
/// Reads YAML, and JSON with it, that a stranger may have written. Only the parser's events are used: it keeps its own stack, and its
/// work grows with the text's length alone. Anchors, aliases and tags are refused, and everything that is built is bounded.
/// </summary>
public sealed class YamlDocument
{
    /// <summary>The largest file that is worth reading, for those who open one.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxDepth = 32;
    private const int MaxNodes = 50_000;
    private const int MaxTextChars = 64 << 10;

    // YAML 1.2.2, section 5.1: all but tab, line feed, carriage return and next line.
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(character => char.IsControl(character) && character is not ('\t' or '\n' or '\r' or '\u0085'))]);

    private readonly Parser _parser;
    private ParsingEvent _event = new StreamStart();
    private int _nodes;

    private YamlDocument(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>The document's root; null when there is none, and with a fault when it cannot be read.</summary>
    public static YamlNode? Parse(string text, out TextFault? fault)
    {
        fault = FindControl(text);
        if (fault is not null)
            return null;
        try
        {
            return new YamlDocument(text).ReadRoot();
        }
        catch (Refusal e)
        {
            fault = new TextFault((int)e.At.Line, (int)e.At.Column, e.Message);
        }
        catch (YamlException e)
        {
            fault = new TextFault((int)e.Start.Line, (int)e.Start.Column, PlainText.Line($"not YAML: {e.Message}"));
        }

        return null;
    }

    /// <summary>The parser stops at some control characters as if the text ended there.</summary>
    private static TextFault? FindControl(string text)
    {
        var at = text.AsSpan().IndexOfAny(Controls);
        if (at < 0)
            return null;
        var before = text.AsSpan(0, at);
        return new TextFault(before.Count('\n') + 1, at - before.LastIndexOf('\n'), $"the control character {PlainText.FindUnplain(text[at..(at + 1)])}");
    }

    private YamlNode? ReadRoot()
    {
        Next();
        if (!Next<DocumentStart>())
            return null;
        Next();
        var root = ReadNode(1);
        Next();
        return Next<DocumentStart>() ? throw Refuse("a second document: there must be one") : root;
    }

    /// <summary>The node that begins with the current event; afterwards the current event is its last.</summary>
    private YamlNode ReadNode(int depth)
    {
        if (_event is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            throw Refuse("an anchor or alias: write out what it stands for");
        if (_event is NodeEvent { Tag.IsEmpty: false })
            throw Refuse("a tag: leave it out");
        if (++_nodes > MaxNodes)
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"more than {MaxNodes} values"));
        if (_event is Scalar scalar)
            return ReadScalar(scalar);
        if (depth > MaxDepth)
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"nested more than {MaxDepth} deep"));
        return _event is MappingStart ? ReadMapping(_event.Start, depth) : ReadSequence(_event.Start, depth);
    }

    private YamlNode.Scalar ReadScalar(Scalar scalar) => scalar.Value.Length > MaxTextChars
        ? throw Refuse(string.Create(CultureInfo.InvariantCulture, $"a text of more than {MaxTextChars} characters"))
        : new YamlNode.Scalar(scalar.Value, (int)scalar.Start.Line, (int)scalar.Start.Column);

    private YamlNode.Sequence ReadSequence(Mark start, int depth)
    {
        var items = new List<YamlNode>();
        while (!Next<SequenceEnd>())
            items.Add(ReadNode(depth + 1));
        return new YamlNode.Sequence(items, (int)start.Line, (int)start.Column);
    }

    private YamlNode.Mapping ReadMapping(Mark start, int depth)
    {
        var members = new OrderedDictionary<string, YamlNode.Member>(StringComparer.Ordinal);
        while (!Next<MappingEnd>())
        {
            if (_event is MappingStart or SequenceStart)
                throw Refuse("a key must be a text");
            var key = (YamlNode.Scalar)ReadNode(depth + 1);
            if (members.ContainsKey(key.Text))
                throw Refuse("the same key a second time");
            Next();
            members.Add(key.Text, new YamlNode.Member(key, ReadNode(depth + 1)));
        }

        return new YamlNode.Mapping(members, (int)start.Line, (int)start.Column);
    }

    private bool Next<T>()
        where T : ParsingEvent
    {
        Next();
        return _event is T;
    }

    private void Next()
    {
        try
        {
            if (!_parser.MoveNext())
                throw Refuse("not YAML: it ends too early");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser's own slips, such as at half a surrogate pair or at a document's end without a document.
            throw Refuse("not YAML");
        }

        _event = _parser.Current!;
    }

    private Refusal Refuse(string message) => new(_event.Start, message);

    private sealed class Refusal(Mark at, string message) : Exception(message)
    {
        public Mark At => at;
    }
}
