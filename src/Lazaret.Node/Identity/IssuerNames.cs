using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity;

/// <summary>Keeps the name of each configured issuer the issuer's own.</summary>
internal sealed class IssuerNames(IDbContextFactory<LazaretDb> databases, AuthOptions options)
{
    /// <summary>Takes the names of issuers that are new, and compares those that are known with the configuration.</summary>
    /// <exception cref="InputException">A name is another issuer's; one line each.</exception>
    public async Task HoldAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var faults = new List<string>();
        foreach (var (setting, name, issuer) in options.Issuers)
        {
            var first = await db.IssuerNames.AsNoTracking().SingleOrDefaultAsync(known => known.Name == name, cancellationToken) ?? await TakeAsync(new IssuerName { Name = name, Issuer = issuer }, cancellationToken);
            if (first.Issuer != issuer)
                faults.Add($"{setting}: '{name}' names the people of {first.Issuer}, and jobs and projects keep their names; those of {issuer} are others: give them another name");
        }

        if (faults.Count > 0)
            throw new InputException(string.Join('\n', faults));
    }

    /// <returns>What is kept: another process may have been first.</returns>
    private async Task<IssuerName> TakeAsync(IssuerName taken, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.IssuerNames.Add(taken);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return taken;
        }
        catch (DbUpdateException e) when (e.IsUniqueViolation())
        {
            await using var other = await databases.CreateDbContextAsync(cancellationToken);
            return await other.IssuerNames.AsNoTracking().SingleAsync(known => known.Name == taken.Name, cancellationToken);
        }
    }
}
