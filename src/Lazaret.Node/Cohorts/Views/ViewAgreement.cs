using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>
/// Has every worker run cohort jobs on the data that they were admitted against. A worker on another host has a data view of its own, and one
/// that lacks some subjects would still answer, but about another cohort.
/// </summary>
internal sealed class ViewAgreement(IDbContextFactory<LazaretDb> databases, CohortSite site)
{
    private volatile string? _announced;

    /// <summary>Called where requests are admitted: writes down which state of the view this process sees, when that is news.</summary>
    public async Task AnnounceAsync(CohortSnapshot data, CancellationToken cancellationToken)
    {
        if (_announced == data.Version)
            return;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.AdmittedViews.SingleOrDefaultAsync(cancellationToken) is { } view)
            view.Version = data.Version;
        else
            db.AdmittedViews.Add(new AdmittedView { Version = data.Version });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.IsUniqueViolation())
        {
            // Another process wrote the row at the same moment; this one looks again next time.
            return;
        }

        _announced = data.Version;
    }

    /// <summary>Called by a worker: what is wrong with its view, or null.</summary>
    public async Task<string?> FaultAsync(CohortSnapshot data, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var admitted = await db.AdmittedViews.AsNoTracking().Select(view => view.Version).SingleOrDefaultAsync(cancellationToken);
        if (admitted is null || admitted == data.Version)
            return null;
        if (admitted == _announced)
        {
            // What this process wrote itself, before it read the view again.
            await AnnounceAsync(data, cancellationToken);
            return null;
        }

        return $"the tables, masks or volumes at {site.Directory} differ from those of the node that admits requests: copy that node's files here, or run 'lazaret site check'";
    }
}
