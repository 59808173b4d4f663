using Lazaret.Node.Audit;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Says in a word what an entry of the audit is about.</summary>
internal static class AuditWords
{
    // Members of an entry's detail, the most telling one first.
    private static readonly string[] Subjects = ["person", "requester", "project", "model", "analysis", "endpoint"];

    /// <summary>The person or thing that an entry is about, other than a job; null when the detail does not name it.</summary>
    public static string? AboutOf(AuditEntry entry) =>
        Subjects.Select(name => AuditDetail.Read(entry.Detail, name) is { } value ? $"{name} {value}" : null).FirstOrDefault(about => about is not null);
}
