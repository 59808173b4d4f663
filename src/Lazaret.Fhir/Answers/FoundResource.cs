namespace Lazaret.Fhir.Answers;

/// <summary>A resource at its place among others, as the bytes that came; a contained one has an owner.</summary>
internal sealed class FoundResource(string place, string type, string? id, string? fullUrl, ReadOnlyMemory<byte> json, FoundResource? owner)
{
    // Those by which BundleReader finds a resource's patients, too.
    private static readonly string[] SubjectNames = ["subject", "patient", "beneficiary", "individual", "for"];

    private Dictionary<string, string>? _typesContained;

    public string Place => place;

    public string Type => type;

    public string? Id => id;

    public string? FullUrl => fullUrl;

    /// <summary>The root of its server, as its fullUrl has it.</summary>
    public string? Root => ResourceUrl.Parse(fullUrl)?.Root;

    public FoundResource? Owner => owner;

    /// <summary>What it contains, by id.</summary>
    public Dictionary<string, string> TypesContained => _typesContained ??= new(StringComparer.Ordinal);

    /// <summary>The references by which it says whom it is about, each with its member; one that only displays or identifies somebody points nowhere.</summary>
    public IEnumerable<(string Member, string Reference)> Subjects()
    {
        if (JsonMembers.Find(json, SubjectNames) is not { } members)
            yield break;
        for (var i = 0; i < members.Length; i++)
        {
            if (members[i] is not { } member)
                continue;
            var references = new List<ReadOnlyMemory<byte>>();
            if (member.IsArray())
                JsonMembers.ForEach(member, (_, item) => references.Add(item));
            else
                references.Add(member);
            foreach (var reference in references)
            {
                if (reference.IsObject() && JsonMembers.Find(reference, "reference") is [{ } text] && text.AsText() is { Length: > 0 } target)
                    yield return (SubjectNames[i], target);
            }
        }
    }
}
