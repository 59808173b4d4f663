using System.Runtime.InteropServices;
using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>Takes the entries out of a bundle, and out of the bundles of data inside it: a batch's answer holds a searchset for each search.</summary>
/// <param name="unread">See <see cref="FhirValidation.UnreadEntries"/>.</param>
internal sealed class EntryCollector(IReadOnlySet<int> unread, FhirBudget budget)
{
    private const string Outcome = "OperationOutcome";

    private readonly UnreadParts _unread = new();
    private readonly Dictionary<string, JsonElement> _inner = new(StringComparer.Ordinal);

    public List<BundleEntry> Entries { get; } = [];

    public IReadOnlyList<UnreadPart> Unread => _unread.List("Bundle");

    /// <summary>A bundle inside, or an entry, changes the meaning of all.</summary>
    public bool HasModifier { get; private set; }

    public void Add(JsonElement bundle) => Add(bundle, "Bundle", isInner: false);

    private void Add(JsonElement bundle, string place, bool isInner)
    {
        HasModifier |= bundle.HasModifier();
        var (index, matches) = (-1, 0);
        foreach (var entry in bundle.Items("entry"))
        {
            index++;
            budget.Spend();
            var here = $"{place}.entry[{index}]";
            var said = Said(entry);
            matches += said is null && SearchRest.IsMatch(Raw(entry.Member("search"))) ? 1 : 0;
            if (entry.Member("response")?.Text("status") is { } status && !status.StartsWith('2'))
            {
                _unread.Add(new(here, $"the server answered {Digits(status)}: what it was asked for is not known{(said is null ? "" : $"; it says {said}")}"));
                continue;
            }

            if (said is not null)
                _unread.Add(UnreadPart.Said(here, said));
            if (entry.Member("resource") is { } resource && resource.Text("resourceType") is { } type && type != Outcome)
                Add(entry, resource, type, here, isInner, isRead: isInner || !unread.Contains(index));
        }

        if (bundle.Text("type") != "searchset")
            return;
        foreach (var rest in SearchRest.Of(place, Raw(bundle.Member("link")), Raw(bundle.Member("total")), matches))
            _unread.Add(rest);
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
                _unread.Add(new($"{place}.resource", "a bundle of this type inside another is not read as data"));
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

    // In the resource's place, or beside it as a batch's answer may have it.
    private static string? Said(JsonElement entry)
    {
        var outcome = entry.Member("response")?.Member("outcome") is { } beside && beside.Text("resourceType") == Outcome ? beside
            : entry.Member("resource") is { } resource && resource.Text("resourceType") == Outcome ? resource
            : (JsonElement?)null;
        return Raw(outcome) is { } json ? ServerWords.Of(json) : null;
    }

    private static ReadOnlyMemory<byte>? Raw(JsonElement? element) => element is { } value ? JsonMarshal.GetRawUtf8Value(value).ToArray() : default(ReadOnlyMemory<byte>?);

    private static string Digits(string status) => status.Length >= 3 && status.AsSpan(0, 3).IndexOfAnyExceptInRange('0', '9') < 0 ? status[..3] : "with no status";
}
