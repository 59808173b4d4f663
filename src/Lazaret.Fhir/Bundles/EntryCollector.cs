using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>Takes the entries out of a bundle, and out of the bundles of data inside it: a batch's answer holds a searchset for each search.</summary>
/// <param name="unread">See <see cref="FhirValidation.UnreadEntries"/>.</param>
internal sealed class EntryCollector(IReadOnlySet<int> unread, FhirBudget budget)
{
    private readonly Dictionary<string, JsonElement> _inner = new(StringComparer.Ordinal);

    public List<BundleEntry> Entries { get; } = [];

    public List<UnreadPart> Unread { get; } = [];

    /// <summary>A bundle inside, or an entry, changes the meaning of all.</summary>
    public bool HasModifier { get; private set; }

    public void Add(JsonElement bundle) => Add(bundle, "Bundle", isInner: false);

    private void Add(JsonElement bundle, string place, bool isInner)
    {
        HasModifier |= bundle.HasModifier();
        var index = -1;
        foreach (var entry in bundle.Items("entry"))
        {
            index++;
            budget.Spend();
            var here = $"{place}.entry[{index}]";
            if (entry.Member("response")?.Text("status") is { } status && !status.StartsWith('2'))
                Unread.Add(new(here, $"the server answered {Digits(status)}: what it was asked for is not known"));
            else if (entry.Member("resource") is { } resource && resource.Text("resourceType") is { } type)
                Add(entry, resource, type, here, isInner, isRead: isInner || !unread.Contains(index));
        }
    }

    private void Add(JsonElement entry, JsonElement resource, string type, string place, bool isInner, bool isRead)
    {
        if (type == "Bundle")
        {
            if (resource.Text("type") is { } kind && FhirBundle.DataTypes.Contains(kind))
            {
                HasModifier |= entry.HasModifier();
                Add(resource, $"{place}.resource", isInner: true);
            }
            else
            {
                Unread.Add(new($"{place}.resource", "a bundle of this type inside another is not read as data"));
            }

            return;
        }

        var read = new BundleEntry(place, entry.Text("fullUrl"), type, resource, entry.HasModifier() || resource.HasModifier()) { IsRead = isRead };
        // What two searches found is one entry.
        if (!isInner || !_inner.TryGetValue(read.Identity, out var same) || !JsonElement.DeepEquals(same, resource))
            Entries.Add(read);
        if (isInner)
            _inner.TryAdd(read.Identity, resource);
    }

    private static string Digits(string status) => status.Length >= 3 && status.AsSpan(0, 3).IndexOfAnyExceptInRange('0', '9') < 0 ? status[..3] : "with no status";
}
