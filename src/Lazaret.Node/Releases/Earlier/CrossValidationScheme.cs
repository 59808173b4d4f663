using System.Text.Json;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>How an answer was cross-validated, as the canonical query in it says. Two ways on the same people tell, by their difference, of the few who changed sides.</summary>
internal sealed record CrossValidationScheme(string? Mask, string? Cv, string? Within, string? Stat)
{
    /// <summary>Null for an answer that is no cross-validation, and where a control left none.</summary>
    public static CrossValidationScheme? Of(byte[] answer) =>
        answer.Length > 0 && JsonSerializer.Deserialize<Answered>(answer, JsonSerializerOptions.Web)!.Query is { Cv: not null } scheme ? scheme : null;

    /// <summary>Whether both are cross-validations inside one mask, and not by the same scheme.</summary>
    public bool IsOtherThan(CrossValidationScheme? other) => other?.Mask == Mask && other is not null && other != this;

    private sealed record Answered(CrossValidationScheme? Query);
}
