using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>
/// How many more different questions requesters may ask: their quota, less what they asked within the last seven days. A question that is asked
/// again costs nothing, nor does one of a job that was withdrawn before a run began, or that its hosts failed: that tells nothing. A blocked one counts, and so does one that was withdrawn
/// later, or on which the program failed.
/// </summary>
internal sealed class RequesterQuotas
{
    /// <summary>The number under which admissions that count questions wait for each other.</summary>
    public const long Lock = 0x4C5A_5155_4F54;

    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    private readonly DateTimeOffset _now;

    private RequesterQuotas(DateTimeOffset now) => _now = now;

    public static async Task<RequesterQuotas> ReadAsync(LazaretDb db, IEnumerable<string> requesters, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var quotas = new RequesterQuotas(now);
        var since = now - ProjectQuotas.Window;
        foreach (var requester in requesters.Distinct(StringComparer.Ordinal))
        {
            var asked = await db.AskedQueries
                .Where(query => query.Requester == requester && query.At > since)
                .Where(query => db.Set<Job>().Any(job => job.Id == query.JobId && (job.State != JobState.Failed || job.HostFaults == 0) && (job.State != JobState.Cancelled || job.Attempts > 0)))
                .GroupBy(query => query.Query).Select(group => new { group.Key, First = group.Min(query => query.At) })
                .ToListAsync(cancellationToken);
            quotas._rooms[requester] = new Room(asked.ToDictionary(query => query.Key, query => query.First, StringComparer.Ordinal));
        }

        return quotas;
    }

    /// <summary>Counts a job's questions; or says that there is no room for them.</summary>
    public Admission.QuotaSpent? Take(Job job, Questions questions)
    {
        var asked = _rooms[job.Requester].Asked;
        string[] fresh = [.. questions.Queries.Distinct(StringComparer.Ordinal).Where(query => !asked.ContainsKey(query))];
        if (asked.Count + fresh.Length > questions.PerWeek)
        {
            // When as many of the oldest are a week old as there is room missing.
            var missing = Math.Min(asked.Count, asked.Count + fresh.Length - questions.PerWeek);
            var until = missing == 0 ? _now + ProjectQuotas.Window : asked.Values.Order().ElementAt(missing - 1) + ProjectQuotas.Window;
            return new Admission.QuotaSpent(Project: null, questions.PerWeek, until, until - _now);
        }

        foreach (var query in fresh)
            asked[query] = _now;
        return null;
    }

    /// <summary>How many different questions a requester asked, and when the oldest of them is a week old; null where there is none.</summary>
    public (int Asked, DateTimeOffset? Until) Of(string requester)
    {
        var asked = _rooms[requester].Asked;
        return (asked.Count, asked.Count == 0 ? null : asked.Values.Min() + ProjectQuotas.Window);
    }

    private sealed record Room(Dictionary<string, DateTimeOffset> Asked);
}
