using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>Writes admissions, several in a transaction where they come at the same moment.</summary>
public sealed class AdmissionBatch(IDbContextFactory<LazaretDb> databases, TimeProvider time) : IDisposable
{
    private readonly GroupCommit<Pending> _commits = new(batch => SaveAsync(databases, time, batch));

    /// <returns>Null, or that the quota of the job's project is spent; then nothing was written.</returns>
    public async Task<Admission.QuotaSpent?> WriteAsync(Job job, IReadOnlyList<Payload> payloads, AuditEntry entry)
    {
        var mine = new Pending(job, payloads, entry);
        await _commits.WriteAsync(mine);
        return mine.Spent;
    }

    public void Dispose() => _commits.Dispose();

    private static async Task SaveAsync(IDbContextFactory<LazaretDb> databases, TimeProvider time, IReadOnlyList<Pending> batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        List<string> projects = [.. batch.Select(pending => pending.Job.Project).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (projects.Count == 0)
        {
            foreach (var pending in batch)
                pending.AddTo(db);
            await db.SaveChangesAsync();
            return;
        }

        await using var writing = await db.BeginWritingAsync(CancellationToken.None);
        var quotas = await ProjectQuotas.ReadAsync(db, projects, time.GetUtcNow(), isAdmitting: true, CancellationToken.None);
        foreach (var pending in batch)
        {
            pending.Spent = quotas.Take(pending.Job);
            if (pending.Spent is null)
                pending.AddTo(db);
        }

        await db.SaveChangesAsync();
        await writing.CommitAsync(CancellationToken.None);
    }

    private sealed record Pending(Job Job, IReadOnlyList<Payload> Payloads, AuditEntry Entry)
    {
        public Admission.QuotaSpent? Spent { get; set; }

        public void AddTo(LazaretDb db)
        {
            db.Jobs.Add(Job);
            db.Payloads.AddRange(Payloads);
            db.Audit.Add(Entry);
        }
    }
}
