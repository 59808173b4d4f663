using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>How a model's requirements and a bundle came together. The set is closed.</summary>
/// <param name="Missing">Every requirement that is not met, optional ones too, in the requirements' order.</param>
/// <param name="Chosen">The data that meet the others.</param>
public abstract record Negotiation(IReadOnlyList<MissingItem> Missing, IReadOnlyList<ChosenItem> Chosen)
{
    /// <summary><c>satisfied</c>, <c>data-required</c> or <c>refused</c>.</summary>
    public abstract string Verdict { get; }

    /// <summary>Data that were there for a requirement and were not used, with why not: the newest of each.</summary>
    public IReadOnlyList<SkippedItem> Skipped { get; init; } = [];

    /// <summary>Parts of the bundle that were not read, and why.</summary>
    public IReadOnlyList<UnreadPart> Unread { get; init; } = [];

    /// <summary>How to refer to the patient whom it is about: <c>Patient/p1</c>, or that behind a server's root; null where nobody knows.</summary>
    public string? Patient { get; init; }

    /// <summary>Why the bundle must not be used, whatever is added to it; null when more data may help.</summary>
    public virtual Refusal? Refusal => null;

    /// <summary>Requirement's code → the datum's source.</summary>
    public IReadOnlyDictionary<string, string> Used =>
        Chosen.ToDictionary(item => item.Requirement.Code, item => item.Source, StringComparer.Ordinal);

    /// <summary>Every mandatory requirement is met.</summary>
    public sealed record Satisfied(IReadOnlyList<MissingItem> Missing, IReadOnlyList<ChosenItem> Chosen) : Negotiation(Missing, Chosen)
    {
        public override string Verdict => "satisfied";
    }

    /// <summary>The bundle may be read, and at least one mandatory requirement is not met.</summary>
    public sealed record DataRequired(IReadOnlyList<MissingItem> Missing, IReadOnlyList<ChosenItem> Chosen) : Negotiation(Missing, Chosen)
    {
        public override string Verdict => "data-required";

        /// <summary>
        /// A mandatory datum is there, but the bundle's own references are broken: whoever sends the next bundle in the same way is asked for ever.
        /// </summary>
        public override Refusal? Refusal => Missing.Where(item => item.Requirement.Mandatory).Select(item => item.Found?.UnresolvedSubject).OfType<string>().FirstOrDefault() is { } place
            ? Refusal.Of(MissCause.UnresolvedPatient, Places.Of(place))
            : null;
    }

    /// <summary>The bundle must not be used at all; every requirement is missing for the same cause.</summary>
    public sealed record Refused(IReadOnlyList<MissingItem> Missing, Refusal Reason) : Negotiation(Missing, [])
    {
        public override string Verdict => "refused";

        public override Refusal Refusal => Reason;
    }
}
