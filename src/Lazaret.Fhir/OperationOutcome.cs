using System.Buffers;
using System.Text.Json;

namespace Lazaret.Fhir;

/// <summary>Writes issues as a FHIR R4 OperationOutcome.</summary>
public static class OperationOutcome
{
    /// <summary>The resource as UTF-8 JSON. Without issues it says <c>informational</c> / <c>All OK</c>, for an outcome must hold one.</summary>
    public static byte[] ToJson(IReadOnlyList<FhirIssue> issues)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, issues);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the resource as one object, where the writer stands; with an id when it is contained.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<FhirIssue> issues, string? id = null)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "OperationOutcome");
        if (id is not null)
            writer.WriteString("id", id);
        writer.WriteStartArray("issue");
        foreach (var issue in issues)
            WriteIssue(writer, Word(issue.Severity), issue.Code, issue.Diagnostics, issue.Expression);
        if (issues.Count == 0)
            WriteIssue(writer, "information", "informational", "All OK", expression: "");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The code of <c>http://hl7.org/fhir/issue-severity</c>.</summary>
    public static string Word(IssueSeverity severity) => severity switch
    {
        IssueSeverity.Fatal => "fatal",
        IssueSeverity.Error => "error",
        _ => "warning",
    };

    private static void WriteIssue(Utf8JsonWriter writer, string severity, string code, string diagnostics, string expression)
    {
        writer.WriteStartObject();
        writer.WriteString("severity", severity);
        writer.WriteString("code", code);
        writer.WriteString("diagnostics", diagnostics);
        if (expression.Length > 0)
        {
            writer.WriteStartArray("expression");
            writer.WriteStringValue(expression);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
