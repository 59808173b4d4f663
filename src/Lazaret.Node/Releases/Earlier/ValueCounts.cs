using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Disclosure.Checks;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>How many subjects of an answer have each of its outcome's two values, as an area under the ROC curve says beside it.</summary>
internal sealed record ValueCounts([property: JsonPropertyName("n1")] int? Ones, [property: JsonPropertyName("n0")] int? Zeros)
{
    /// <summary>Null for an answer that does not say so.</summary>
    public static ValueCounts? Of(byte[] answer) => answer.Length > 0 && JsonSerializer.Deserialize<ValueCounts>(answer) is { Ones: not null, Zeros: not null } counts ? counts : null;

    /// <summary>Whether those who are only in the larger one of two cohorts have too few of a value.</summary>
    public bool LeavesFew(ValueCounts other) => Math.Min(Math.Abs(Ones!.Value - other.Ones!.Value), Math.Abs(Zeros!.Value - other.Zeros!.Value)) < OutcomeCheck.SmallestMinority;
}
