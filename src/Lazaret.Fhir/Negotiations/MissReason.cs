namespace Lazaret.Fhir.Negotiations;

/// <summary>What a cause is called outside.</summary>
/// <param name="Name">The fine cause: <c>no-match</c>, <c>comparator</c>, …</param>
/// <param name="Reason">The public reason of the 409: <c>absent</c>, <c>stale</c>, <c>wrong_unit</c>, <c>wrong_status</c>, <c>no_value</c>, <c>out_of_range</c>.</param>
/// <param name="Words">For a person.</param>
public sealed record MissReason(string Name, string Reason, string Words)
{
    public static MissReason Of(MissCause cause) => cause switch
    {
        MissCause.NoMatch => new("no-match", "absent", "the bundle holds no entry with this code"),
        MissCause.OtherSystem => new("no-match", "absent", "the code is there under another system; the system's URI must be exactly the one asked for"),
        MissCause.Contained => new("contained", "absent", "the only match is contained in another resource, under whose status it stands"),
        MissCause.Modifier => new("modifier", "absent", "the only match carries a modifier extension or implicit rules, which may change its meaning"),
        MissCause.Status => new("status", "wrong_status", "the only match has a status that makes it unusable"),
        MissCause.NoSubject => new("no-subject", "absent", "the only match names no patient by a reference that can be resolved"),
        MissCause.Focus => new("focus", "absent", "the only match is about something other than the patient"),
        MissCause.NoValue => new("no-value", "no_value", "the only match has no value of the kind asked for"),
        MissCause.Comparator => new("comparator", "no_value", "the only match gives a bound, not a value"),
        MissCause.Unit => new("unit", "wrong_unit", "the only match has a unit that does not convert with certainty to the one asked for; only UCUM's system and case-sensitive codes are read"),
        MissCause.NoTime => new("no-time", "stale", "the only match does not say precisely enough when it was true"),
        MissCause.Future => new("future", "stale", "the only match lies in the future"),
        MissCause.Stale => new("stale", "stale", "the newest match is too old"),
        MissCause.Implausible => new("implausible", "out_of_range", "the newest match is outside the plausible range"),
        MissCause.Conflict => new("conflict", "no_value", "the newest matches contradict each other: one time, different values"),
        MissCause.MixedSubjects => new("mixed-subjects", "absent", "the bundle is about more than one patient"),
        MissCause.BundleType => new("bundle-type", "absent", "only bundles of type collection, document and searchset are read as data"),
        MissCause.BundleModifier => new("modifier", "absent", "the bundle or its Patient carries a modifier extension or implicit rules"),
        MissCause.InvalidBundle => new("invalid", "absent", "the bundle is not valid FHIR R4"),
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "not a cause"),
    };
}
