using System.Text.Json;
using Lazaret.Node.Audit;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Says in a word what an entry of the audit is about.</summary>
internal static class AuditWords
{
    // Members of an entry's detail, the one that says most first.
    private static readonly string[] Subjects = ["person", "requester", "project", "model", "analysis", "endpoint"];

    /// <summary>Whom or what, besides a job; null where the detail does not name it.</summary>
    public static string? AboutOf(AuditEntry entry)
    {
        using var detail = JsonDocument.Parse(entry.Detail);
        foreach (var name in Subjects)
        {
            if (detail.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                return $"{name} {value.GetString()}";
        }

        return null;
    }
}
