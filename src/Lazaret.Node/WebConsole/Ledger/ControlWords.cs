using Lazaret.Disclosure;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>Says in a sentence what a control of the disclosure policy does; <c>docs/disclosure.md</c> has the rules.</summary>
internal static class ControlWords
{
    public static string Of(DisclosureControlName control) => control switch
    {
        DisclosureControlName.C0 => "The same map on the same data gets the same answer, however its file is written.",
        DisclosureControlName.C1 => "Nothing is told of fewer people than the smallest cohort, nor of all but so few.",
        DisclosureControlName.C2 => "No two answers may be about people of whom only a few differ: the difference would tell of those few.",
        DisclosureControlName.C3 => "All answers together tell only so much of one person, or of a small group.",
        DisclosureControlName.C4 => "All answers together hold only so much information about an outcome.",
        DisclosureControlName.C5 => "Scores that lie far out are clipped, so that no person alone steers R.",
        DisclosureControlName.C6 => "Stewards see how much an answer depends on one person.",
        DisclosureControlName.C7 => "Outcomes with rare or extreme values, and correlations close to 1, are refused.",
        DisclosureControlName.C8 => "p is computed from the released R, and tells nothing more than it.",
        DisclosureControlName.C9 => "A requester may ask only so many different questions a week.",
        DisclosureControlName.Pairs => "All answers together tell only so much of the sum or difference of two people.",
        DisclosureControlName.Discrete => "Outcomes of few values have stricter limits, and noise on R.",
        DisclosureControlName.Families => "Outcomes that tell of each other share one ledger.",
        DisclosureControlName.People => "A person counts once: a question names one visit.",
        DisclosureControlName.Tick => "Answers are shown at fixed instants, so that nobody learns how long a decision took.",
        _ => throw new InvalidOperationException($"nothing says what {control} does"),
    };
}
