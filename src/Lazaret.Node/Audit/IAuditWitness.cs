using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Audit;

/// <summary>A capability whose rows say which entries the audit must hold.</summary>
internal interface IAuditWitness
{
    /// <summary>Rows without their entry, at most so many.</summary>
    Task<IReadOnlyList<ChainFault>> FindAsync(LazaretDb db, int most, CancellationToken cancellationToken);
}
