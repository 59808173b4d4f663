using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>A registered model as FHIR and CDS Hooks show it.</summary>
/// <param name="Key">A FHIR id: letters, digits, hyphens and dots.</param>
/// <param name="Url">The canonical URL of its Library, without version.</param>
public sealed record ModelDescription(string Key, string Version, string Title, string Url, IReadOnlyList<Requirement> Requirements)
{
    public string Canonical => $"{Url}|{Version}";
}
