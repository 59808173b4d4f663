using System.Reflection;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Keys;

/// <summary>The entities with sealed records: what the rotation of keys goes over. An entity that is an <see cref="ISealedRecord"/> is one of them by that alone.</summary>
public static class SealedEntities
{
    private static readonly MethodInfo Set = typeof(DbContext).GetMethod(nameof(DbContext.Set), Type.EmptyTypes)!;

    extension(LazaretDb db)
    {
        public IReadOnlyList<IQueryable<ISealedRecord>> SealedTables =>
        [
            .. db.Model.GetEntityTypes()
                .Where(entity => typeof(ISealedRecord).IsAssignableFrom(entity.ClrType))
                .Select(entity => (IQueryable<ISealedRecord>)Set.MakeGenericMethod(entity.ClrType).Invoke(db, null)!),
        ];
    }
}
