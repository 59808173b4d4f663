namespace Lazaret.Fhir.Negotiations;

/// <summary>How a model's requirements and a bundle came together. The set is closed.</summary>
/// <param name="Missing">Every requirement that is not met, optional ones too, in the requirements' order.</param>
/// <param name="Chosen">The data that meet the others.</param>
public abstract record Negotiation(IReadOnlyList<MissingItem> Missing, IReadOnlyList<ChosenItem> Chosen)
{
    /// <summary><c>satisfied</c>, <c>data-required</c> or <c>refused</c>.</summary>
    public abstract string Verdict { get; }

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
    }

    /// <summary>The bundle must not be used at all; every requirement is missing for the same cause.</summary>
    public sealed record Refused(MissCause Cause, IReadOnlyList<MissingItem> Missing) : Negotiation(Missing, [])
    {
        public override string Verdict => "refused";
    }
}
