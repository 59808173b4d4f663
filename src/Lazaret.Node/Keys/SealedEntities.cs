using System.Reflection;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Keys;

/// <summary>The entities with sealed records, which a rotation of the keys seals anew: every <see cref="ISealedRecord"/>.</summary>
internal static class SealedEntities
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
