using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>Why a bundle must not be used, whatever is added to it.</summary>
/// <param name="Cause">The fine cause, as <see cref="MissReason.Name"/>.</param>
/// <param name="Places">What is at fault, the first ones: <c>Bundle.type</c>, <c>Bundle.entry[3].resource.subject</c>.</param>
/// <param name="Words">For a person.</param>
public sealed record Refusal(string Cause, IReadOnlyList<string> Places, string Words)
{
    /// <summary>How many more places are at fault.</summary>
    public int More { get; init; }

    /// <summary>The bundle is not about the one patient that it should be about.</summary>
    public bool IsOfPatient { get; init; }

    public string Place => Places[0];

    internal static Refusal Of(MissCause cause, Places places, string? words = null) => new(MissReason.Of(cause).Name, places.First, words ?? MissReason.Of(cause).Words)
    {
        More = places.Count - places.First.Count,
        IsOfPatient = cause is MissCause.MixedSubjects or MissCause.OtherPatient or MissCause.NoPatient or MissCause.UnresolvedPatient,
    };

    /// <summary>One for each place.</summary>
    public IEnumerable<FhirIssue> ToIssues()
    {
        foreach (var place in Places)
            yield return new(IssueSeverity.Error, "business-rule", place, $"{Cause}: {Words}");
        if (More > 0)
            yield return new(IssueSeverity.Warning, "business-rule", "", $"and {More} more places");
    }
}
