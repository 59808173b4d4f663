namespace Lazaret.Fhir.Bundles;

/// <summary>The value[x] of an Observation or component. The set is closed.</summary>
public abstract record ObservedValue
{
    private ObservedValue()
    {
    }

    /// <param name="Number">Null when there is only an extension, or more than 28 digits: it cannot be kept exactly.</param>
    /// <param name="HasComparator">The number is a bound, not the value.</param>
    public sealed record Quantity(decimal? Number, bool HasComparator, string? System, string? Code) : ObservedValue
    {
        /// <summary>The unit as it would be shown: its code, or else its words.</summary>
        public string? Shown { get; init; }
    }

    public sealed record Whole(int Number) : ObservedValue;

    public sealed record Coded(IReadOnlyList<Coding> Codes) : ObservedValue;

    /// <summary>A dataAbsentReason in the value's place: it is not known, or was asked and not answered.</summary>
    /// <param name="Reason">HL7's code for it; null where it has none, or several.</param>
    public sealed record Absent(string? Reason) : ObservedValue
    {
        /// <summary>It was asked or considered, and the answer is no or unknown; others say that the value is elsewhere, hidden, wrong, or still to come.</summary>
        public bool IsAnswer => WasAsked || Reason is "unknown" or "not-asked";

        /// <summary>Asking again gives no other answer.</summary>
        public bool WasAsked => Reason is "asked-unknown" or "asked-declined" or "not-applicable" or "not-permitted";
    }

    /// <summary>A string, range, ratio, sampled data, …: nothing that a model can ask for.</summary>
    /// <param name="Member">The element's name: <c>valueString</c>.</param>
    public sealed record Other(string Member) : ObservedValue;
}
