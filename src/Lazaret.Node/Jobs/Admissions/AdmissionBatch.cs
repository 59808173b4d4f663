using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Commits;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>Writes admissions, several in a transaction where they come at the same moment.</summary>
public sealed class AdmissionBatch(IDbContextFactory<LazaretDb> databases, TimeProvider time) : IPendingWrites, IDisposable
{
    private readonly GroupCommit<Pending> _commits = new(batch => SaveAsync(databases, time, batch));

    /// <returns>Null, or that a quota is spent; then nothing was written.</returns>
    public async Task<Admission.QuotaSpent?> WriteAsync(Job job, IReadOnlyList<Payload> payloads, AuditEntry entry, Questions? questions)
    {
        var mine = new Pending(job, payloads, entry, questions);
        await _commits.WriteAsync(mine);
        return mine.Spent;
    }

    Task IPendingWrites.DrainAsync(CancellationToken cancellationToken) => _commits.DrainAsync(cancellationToken);

    public void Dispose() => _commits.Dispose();

    private static async Task SaveAsync(IDbContextFactory<LazaretDb> databases, TimeProvider time, IReadOnlyList<Pending> batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        List<string> projects = [.. batch.Select(pending => pending.Job.Project).OfType<string>().Distinct(StringComparer.Ordinal)];
        List<string> asking = [.. batch.Where(pending => pending.Questions is { PerWeek: > 0 }).Select(pending => pending.Job.Requester)];
        if (projects.Count == 0 && asking.Count == 0)
        {
            foreach (var pending in batch)
                pending.AddTo(db);
            await db.SaveChangesAsync();
            return;
        }

        await using var writing = asking.Count == 0 ? await db.BeginWritingAsync(CancellationToken.None) : await db.BeginAloneAsync(RequesterQuotas.Lock, CancellationToken.None);
        var now = time.GetUtcNow();
        var quotas = await ProjectQuotas.ReadAsync(db, projects, now, isAdmitting: true, CancellationToken.None);
        var asked = await RequesterQuotas.ReadAsync(db, asking, now, CancellationToken.None);
        foreach (var pending in batch)
        {
            pending.Spent = (pending.Questions is { PerWeek: > 0 } questions ? asked.Take(pending.Job, questions) : null) ?? quotas.Take(pending.Job);
            if (pending.Spent is null)
                pending.AddTo(db);
        }

        await db.SaveChangesAsync();
        await writing.CommitAsync(CancellationToken.None);
    }

    private sealed record Pending(Job Job, IReadOnlyList<Payload> Payloads, AuditEntry Entry, Questions? Questions)
    {
        public Admission.QuotaSpent? Spent { get; set; }

        public void AddTo(LazaretDb db)
        {
            db.Jobs.Add(Job);
            db.Payloads.AddRange(Payloads);
            db.Audit.Add(Entry);
            db.AskedQueries.AddRange((Questions?.Queries ?? []).Distinct(StringComparer.Ordinal).Select(query => new AskedQuery { JobId = Job.Id, Query = query, Requester = Job.Requester, At = Job.CreatedAt }));
        }
    }
}
