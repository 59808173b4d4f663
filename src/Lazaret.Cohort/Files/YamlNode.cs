namespace Lazaret.Cohort.Files;

/// <summary>A part of a YAML document, with the place where it begins: both from 1.</summary>
public abstract record YamlNode(int Line, int Column)
{
    /// <summary>A text, quoted or not; nothing at all is the empty text.</summary>
    public sealed record Scalar(string Text, int Line, int Column) : YamlNode(Line, Column);

    public sealed record Sequence(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column);

    /// <param name="Members">By their keys, in the file's order.</param>
    public sealed record Mapping(IReadOnlyDictionary<string, Member> Members, int Line, int Column) : YamlNode(Line, Column);

    /// <summary>One entry of a mapping.</summary>
    public sealed record Member(Scalar Key, YamlNode Value);
}
