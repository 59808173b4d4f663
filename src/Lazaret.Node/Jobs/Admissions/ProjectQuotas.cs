using Lazaret.Node.Projects;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>
/// How many more jobs projects may have: their quota, less the jobs that were admitted within the last seven days, whatever became of those.
/// An admission counts in the transaction that writes its jobs, and any number of processes agree: on SQLite that transaction is the only one that writes;
/// on PostgreSQL it holds the projects' rows locked until its commit, so that the next one counts its jobs too.
/// </summary>
internal sealed class ProjectQuotas
{
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    private readonly DateTimeOffset _now;

    private ProjectQuotas(DateTimeOffset now) => _now = now;

    /// <param name="db">Where; to admit, with a transaction that was begun for writing.</param>
    /// <param name="projects">Their keys. Those without a quota are not looked at further, and not locked.</param>
    /// <param name="now">The end of the seven days.</param>
    /// <param name="isAdmitting">Whether others must wait until the transaction's end.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ProjectQuotas> ReadAsync(LazaretDb db, IReadOnlyList<string> projects, DateTimeOffset now, bool isAdmitting, CancellationToken cancellationToken)
    {
        // In the order of their keys: two transactions that lock the same rows must not wait for each other.
        var limited = db.Projects.AsNoTracking().Where(project => projects.Contains(project.Key) && project.Quota > 0).OrderBy(project => project.Key);
        var quotas = new ProjectQuotas(now);
        foreach (var project in await (isAdmitting ? limited.ForUpdate() : limited).ToListAsync(cancellationToken))
        {
            var since = now - Window;
            var counted = db.Jobs.Where(job => job.Project == project.Key && job.CreatedAt > since);
            var count = await counted.CountAsync(cancellationToken);
            // Of the latest jobs, as many as the quota, the oldest: when it is a week old, there is room for one.
            var oldest = count == 0
                ? now
                : await counted.OrderByDescending(job => job.CreatedAt).Select(job => job.CreatedAt).Skip(Math.Min(count, project.Quota) - 1).FirstAsync(cancellationToken);
            quotas._rooms[project.Key] = new Room(project.Quota, project.Quota - count, oldest + Window);
        }

        return quotas;
    }

    /// <summary>Counts a job; or says that there is no room for it.</summary>
    public Admission.QuotaSpent? Take(Job job)
    {
        if (job.Project is null || !_rooms.TryGetValue(job.Project, out var room))
            return null;
        if (room.Left <= 0)
            return new Admission.QuotaSpent(job.Project, room.Quota, room.Until, room.Until - _now);
        _rooms[job.Project] = room with { Left = room.Left - 1 };
        return null;
    }

    /// <summary>How a project's quota stands; null where it has none.</summary>
    public Room? Of(string project) => _rooms.GetValueOrDefault(project);

    /// <param name="Left">Below 0 where the quota was lowered since.</param>
    /// <param name="Until">When there is room for one more than now, or for one where there is none.</param>
    public sealed record Room(int Quota, int Left, DateTimeOffset Until);
}
