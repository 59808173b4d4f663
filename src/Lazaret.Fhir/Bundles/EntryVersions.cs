using System.Globalization;
using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>
/// Of several versions of one resource only the newest counts, by the number of its meta.versionId or by its meta.lastUpdated. Where
/// these do not tell which one is the newest, and what the versions say differs, each of them is disputed.
/// </summary>
internal sealed class EntryVersions
{
    private readonly HashSet<BundleEntry> _superseded = [];
    private readonly HashSet<BundleEntry> _disputed = [];

    public EntryVersions(IEnumerable<BundleEntry> entries)
    {
        foreach (var named in entries.GroupBy(entry => IsNamedByUrlAlone(entry) ? entry.FullUrl! : entry.TypeAndId ?? entry.Place, StringComparer.Ordinal))
        {
            // An entry without a fullUrl is of the only server that there is.
            var servers = named.Select(entry => entry.Base).OfType<string>().Distinct(StringComparer.Ordinal).Take(2).Count();
            foreach (var versions in named.GroupBy(entry => servers < 2 ? null : entry.Base, StringComparer.Ordinal))
                Judge([.. versions]);
        }
    }

    public bool Counts(BundleEntry entry) => !_superseded.Contains(entry);

    public bool IsDisputed(BundleEntry entry) => _disputed.Contains(entry);

    private static bool IsNamedByUrlAlone(BundleEntry entry) => entry.FullUrl is not null && entry.Base is null;

    private void Judge(BundleEntry[] versions)
    {
        if (versions.Length < 2)
            return;
        var newest = versions.Aggregate((best, next) => Compare(next, best) > 0 ? next : best);
        foreach (var other in versions)
        {
            if (other == newest)
                continue;
            if (Compare(newest, other) > 0 || (newest.HasModifier == other.HasModifier && SaysTheSame(newest.Resource, other.Resource)))
            {
                _superseded.Add(other);
            }
            else
            {
                _disputed.Add(other);
                _disputed.Add(newest);
            }
        }
    }

    /// <summary>Above 0 where the first is newer, below where the second is, 0 where that cannot be told: numbers and times that disagree tell nothing.</summary>
    private static int Compare(BundleEntry one, BundleEntry other)
    {
        var byNumber = Number(one) is { } first && Number(other) is { } second ? first.CompareTo(second) : 0;
        var byTime = LastUpdated(one) is { } earlier && LastUpdated(other) is { } later ? earlier.CompareTo(later) : 0;
        return byNumber * byTime < 0 ? 0 : byNumber != 0 ? byNumber : byTime;
    }

    private static decimal? Number(BundleEntry entry) =>
        decimal.TryParse(entry.Resource.Member("meta")?.Text("versionId"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset? LastUpdated(BundleEntry entry) => PossibleTime.Parse(entry.Resource.Member("meta")?.Text("lastUpdated"))?.Earliest;

    private static bool SaysTheSame(JsonElement one, JsonElement other)
    {
        var members = Content(one).ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        return Content(other).Count() == members.Count
            && Content(other).All(member => members.TryGetValue(member.Name, out var value) && JsonElement.DeepEquals(value, member.Value));
    }

    private static IEnumerable<JsonProperty> Content(JsonElement resource) => resource.EnumerateObject().Where(member => member.Name is not ("meta" or "text"));
}
