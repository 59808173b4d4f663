namespace Lazaret.Node.Audit;

internal enum AuditFormat
{
    /// <summary>One JSON object a line, as stored.</summary>
    Ndjson,

    /// <summary>One FHIR R4 AuditEvent per line.</summary>
    Fhir,
}
