namespace Lazaret.Fhir.Validation;

/// <summary>What an entry is called, and what references in it mean (http://hl7.org/fhir/R4/bundle.html#references).</summary>
/// <param name="TypeAndId">Null without an id.</param>
internal readonly record struct EntryName(string? FullUrl, string? TypeAndId)
{
    /// <summary>A relative reference is read against the base of the entry's own fullUrl.</summary>
    public string Resolve(string reference)
    {
        var isRestful = FullUrl is not null && TypeAndId is not null && FullUrl.EndsWith("/" + TypeAndId, StringComparison.Ordinal);
        return isRestful && !reference.Contains(':', StringComparison.Ordinal) ? FullUrl![..^TypeAndId!.Length] + reference : reference;
    }
}
