namespace Lazaret.Node.Audit;

/// <summary>
/// The particulars of an audit entry: codes, counts, identifiers of jobs and models. Never an observation's value, a
/// subject's id, a score, or anything else about a patient.
/// </summary>
public sealed class AuditDetail : SortedDictionary<string, object?>
{
    public AuditDetail()
        : base(StringComparer.Ordinal)
    {
    }

    public void Add(AuditDetail more)
    {
        foreach (var (name, value) in more)
            this[name] = value;
    }
}
