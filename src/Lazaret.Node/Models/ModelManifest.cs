using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Lazaret.Fhir.Answers;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Models;

/// <summary>What a model says of itself beyond what every visiting program says: what it needs, and what it answers.</summary>
public sealed record ModelManifest : ProgramManifest
{
    [SetsRequiredMembers]
    public ModelManifest(ProgramManifest shared, double accuracy, IReadOnlyList<Requirement> requirements, IReadOnlyDictionary<string, OutputField> output)
        : base(shared)
    {
        Accuracy = accuracy;
        Requirements = requirements;
        Output = output;
    }

    /// <summary>In [0, 1], by its maker's own account: of the versions whose needs are met the most accurate one runs.</summary>
    public double Accuracy { get; }

    public IReadOnlyList<Requirement> Requirements { get; }

    /// <summary>What the reader assumed where the manifest says nothing; shown to whoever adds the model.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The members of the model's answer, in order. Nothing else leaves.</summary>
    public IReadOnlyDictionary<string, OutputField> Output { get; }

    /// <summary>How urgent a card is that shows this answer: the most severe that one of its members calls for.</summary>
    public string IndicatorOf(IReadOnlyDictionary<string, JsonElement> answer) => Output
        .Select(field => field.Value is OutputField.Enumeration { Indicators: var indicators }
            && answer.TryGetValue(field.Key, out var value) && value.ValueKind == JsonValueKind.String
            ? indicators.GetValueOrDefault(value.GetString()!)
            : null)
        .OfType<string>()
        .MaxBy(CdsCard.SeverityOf) ?? CdsCard.Indicators[0];
}
