using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>What of an answer is compared with earlier ones.</summary>
/// <param name="DataVersion">The state of the data.</param>
/// <param name="Cohort">The subjects behind it.</param>
/// <param name="Told">The outcome that it is about, then those among its covariates, each with its values.</param>
/// <param name="Answer">What leaves, as JSON.</param>
internal sealed record ComparedAnswer(string DataVersion, SubjectSet Cohort, IReadOnlyList<ToldValues> Told, byte[] Answer)
{
    public string Outcome => Told[0].Outcome;

    public OutcomeValues Values => Told[0].Values;

    /// <param name="also">Of each of those, its values; none in releases of earlier versions of the node.</param>
    public static ComparedAnswer Of(string dataVersion, SubjectSet cohort, string outcome, OutcomeValues values, IEnumerable<string> alsoTold, IEnumerable<OutcomeValues> also, byte[] answer) =>
        new(dataVersion, cohort, [new(outcome, values), .. alsoTold.Zip(also, (name, of) => new ToldValues(name, of))], answer);
}

/// <summary>An outcome of which an answer tells, and the values that it had.</summary>
internal sealed record ToldValues(string Outcome, OutcomeValues Values);
