using System.Text;
using System.Text.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>A card of CDS Hooks 2.0 (https://cds-hooks.hl7.org/2.0/#card-attributes).</summary>
/// <param name="Id">The card's <c>uuid</c>, by which feedback names it.</param>
/// <param name="Summary">Plain text of fewer than 140 characters.</param>
/// <param name="Indicator"><c>info</c>, <c>warning</c> or <c>critical</c>.</param>
/// <param name="Detail">Markdown.</param>
/// <param name="Link">Where there is more, by its absolute URL.</param>
public sealed record CdsCard(Guid Id, string Summary, string Indicator, string? Detail, (string Label, string Url)? Link)
{
    /// <summary>From mild to severe.</summary>
    public static readonly IReadOnlyList<string> Indicators = ["info", "warning", "critical"];

    private const int LongestSummary = 139;
    private const int MostTold = 20;
    private const string Marks = @"\`*_[]<>|~&@";

    /// <summary>What the card rests on; null where that has expired.</summary>
    public NegotiationBasis? Basis { get; init; }

    /// <summary>0 for the mildest.</summary>
    public static int SeverityOf(string indicator) => Indicators.Index().Single(known => known.Item == indicator).Index;

    /// <summary>The model's declared output.</summary>
    public static CdsCard Result(ModelDescription model, Guid id, IReadOnlyDictionary<string, JsonElement> output, string indicator, NegotiationBasis? basis = null)
    {
        var fields = output.Select(field => (field.Key, Value: Text(field.Value))).ToList();
        return new CdsCard(
            id,
            Short($"{model.Title}: {string.Join(", ", fields.Select(field => $"{field.Key}: {field.Value}"))}"),
            indicator,
            Describe(fields.Select(field => $"{field.Key}: {field.Value}"), model, basis),
            Link: null) { Basis = basis };
    }

    /// <summary>The job is not over, or gave no result; the link leads to how it stands.</summary>
    public static CdsCard WithoutResult(ModelDescription model, Guid id, string words, (string Label, string Url) link, NegotiationBasis? basis = null) =>
        new(id, Short($"{model.Title}: {words}"), Indicators[0], Describe([], model, basis), link) { Basis = basis };

    /// <summary>The model lacks data, and why each is lacking.</summary>
    public static CdsCard Missing(ModelDescription model, Guid id, IReadOnlyList<MissingItem> missing, IReadOnlyList<string> why, (string Label, string Url) link, NegotiationBasis? basis = null) => new(
        id,
        Short($"{model.Title} needs {string.Join(", ", missing.Where(item => item.Requirement.Mandatory).Select(item => item.Requirement.Title))}"),
        Indicators[0],
        Describe(why, model, basis),
        link) { Basis = basis };

    // What the model says, then what that rests on, what it does not rest on, and what is wrong with the data; of each no more than a reader reads.
    private static string? Describe(IEnumerable<string> first, ModelDescription model, NegotiationBasis? basis)
    {
        var parts = new[]
        {
            List("", first),
            List("Based on", basis?.Used.Select(used => BasisText.Of(used, model)) ?? []),
            List("Not used", basis?.Skipped.Where(skipped => skipped.Reason is not null).Select(skipped => BasisText.Of(skipped, model)) ?? []),
            List("Not read", basis?.Unread?.Select(part => $"{part.Place}: {part.Why}") ?? []),
            List("Wrong with the data, without effect on this answer", basis?.Warnings?.Select(BasisText.Of) ?? []),
        };
        var detail = string.Join("\n\n", parts.OfType<string>());
        return detail.Length > 0 ? detail : null;
    }

    private static string? List(string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0)
            return null;
        var told = string.Join('\n', all.Take(MostTold).Select(line => $"- {Markdown(line)}"));
        return $"{(title.Length > 0 ? $"{title}:\n\n" : "")}{told}{(all.Count > MostTold ? $"\n- and {all.Count - MostTold} more" : "")}";
    }

    private static string Text(JsonElement value) => (value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()) ?? "";

    // One line of plain text, and not through the middle of a surrogate pair.
    private static string Short(string text)
    {
        var line = Line(text);
        if (line.Length <= LongestSummary)
            return line;
        var end = LongestSummary - 1;
        return $"{line[..(char.IsHighSurrogate(line[end - 1]) ? end - 1 : end)]}…";
    }

    // A model's or a client's text is shown as it is: no link, image or heading of its making.
    private static string Markdown(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var character in Line(text))
        {
            if (Marks.Contains(character, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(character);
        }

        // These begin a link without any mark.
        return escaped.Replace("://", @":\/\/").Replace("www.", @"www\.").ToString();
    }

    private static string Line(string text) => string.Create(text.Length, text, static (line, from) =>
    {
        for (var i = 0; i < from.Length; i++)
            line[i] = char.IsControl(from[i]) ? ' ' : from[i];
    });
}
