using System.Xml.Linq;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People.Sessions;

/// <summary>Keeps the keys of data protection in the database, sealed, so that all processes share them and none lies in clear on a disk.</summary>
internal sealed class ProtectionKeys(IDbContextFactory<LazaretDb> databases, RecordSeal seal) : IXmlRepository
{
    private int _read;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = databases.CreateDbContext();
        var keys = db.ProtectionKeys.AsNoTracking().OrderBy(key => key.Number).ToList();
        Volatile.Write(ref _read, keys.Count);
        return [.. keys.Select(key => key.Open(seal))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = databases.CreateDbContext();
        db.ProtectionKeys.Add(ProtectionKey.Of(Volatile.Read(ref _read) + 1, element, seal));
        try
        {
            db.SaveChanges();
        }
        catch (DbUpdateException e) when (e.IsUniqueViolation())
        {
            // Another process made this key first. The framework reads all keys anew after it stored one, so that both go on with the other's.
        }
    }
}
