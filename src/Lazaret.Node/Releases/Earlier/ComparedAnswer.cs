using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>What of an answer is compared with earlier ones.</summary>
/// <param name="Outcome">The outcome's name.</param>
/// <param name="DataVersion">The state of the data.</param>
/// <param name="Cohort">The subjects behind it.</param>
/// <param name="Values">Of its outcome.</param>
/// <param name="Answer">What leaves, as JSON.</param>
internal sealed record ComparedAnswer(string Outcome, string DataVersion, SubjectSet Cohort, OutcomeValues Values, byte[] Answer);
