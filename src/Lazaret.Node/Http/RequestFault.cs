using System.Text.Json.Serialization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Node.Http;

/// <summary>One thing that is wrong with a request: the field, what about it, and what would be right.</summary>
public sealed record RequestFault(
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("allowed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Allowed = null)
{
    public static readonly RequestFault KeyReused = new("Idempotency-Key", "was used before, for another request");

    /// <summary>How many more are allowed than <see cref="Allowed"/> shows.</summary>
    [JsonPropertyName("more_allowed"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MoreAllowed { get; init; }

    /// <summary>The field's name as the audit keeps it: a name of ours, never one that the requester made up.</summary>
    [JsonIgnore]
    public string AuditName { get; private init; } = Field;

    /// <summary>A name that nothing here has.</summary>
    public static RequestFault NoSuch(string name, string what, IReadOnlyList<string> allowed) =>
        new(Quoted.Bare(name), $"no such {what}", allowed) { AuditName = "(unknown)" };

    public override string ToString() => $"{Field}: {Message}";
}
