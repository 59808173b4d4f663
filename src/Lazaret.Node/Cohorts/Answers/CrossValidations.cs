using Lazaret.Node.Releases.Earlier;
using System.Text.Json;

namespace Lazaret.Node.Cohorts.Answers;

internal sealed class CrossValidations : ICrossValidations
{
    public Func<byte[], bool>? OtherThan(byte[] answer) =>
        QueryOf(answer) is { Cv: not null } query ? earlier => query.IsOtherSchemeOf(QueryOf(earlier)) : null;

    // A question that a control withholds has no answer.
    private static CanonicalQuery? QueryOf(byte[] answer) => answer.Length == 0 ? null : JsonSerializer.Deserialize<CohortAnswerResult>(answer)!.Query;
}
