namespace Lazaret.Fhir.Negotiations;

/// <summary>What a cause is called outside.</summary>
/// <param name="Name">The fine cause: <c>no-match</c>, <c>comparator</c>, …</param>
/// <param name="Reason">The public reason of the 409: <c>absent</c>, <c>stale</c>, <c>wrong_unit</c>, <c>wrong_status</c>, <c>no_value</c>, <c>out_of_range</c>, <c>future</c>; empty for what is no fault.</param>
/// <param name="Words">For a person.</param>
public sealed record MissReason(string Name, string Reason, string Words)
{
    public static MissReason Of(MissCause cause) => cause switch
    {
        MissCause.NoMatch => new("no-match", "absent", "the bundle holds no entry with this code"),
        MissCause.RecordedAbsent => new("recorded-absent", "absent", "it was asked, and the answer is recorded as no or unknown; the model takes it as missing"),
        MissCause.OtherSystem => new("no-match", "absent", "the code is there under another system; the system's URI must be exactly the one asked for"),
        MissCause.OtherPanel => new("no-match", "absent", "the code is there only as a component of a panel that the model does not name"),
        MissCause.Contained => new("contained", "absent", "what was found is contained in another resource, under whose status it stands"),
        MissCause.Modifier => new("modifier", "absent", "what was found carries a modifier extension or implicit rules, which may change its meaning"),
        MissCause.Ambiguous => new("ambiguous", "absent", "what was found carries the codes of two different data, so that it is not known which of them it is"),
        MissCause.Status => new("status", "wrong_status", "what was found has a status that makes it unusable"),
        MissCause.NoSubject => new("no-subject", "absent", "what was found names no patient by a reference that can be resolved"),
        MissCause.Focus => new("focus", "absent", "what was found is about something other than the patient"),
        MissCause.NoValue => new("no-value", "no_value", "what was found has no value of the kind asked for"),
        MissCause.Comparator => new("comparator", "no_value", "what was found gives a bound, not a value"),
        MissCause.Unit => new("unit", "wrong_unit", "what was found has a unit that does not convert with certainty to the one asked for; only UCUM's system and case-sensitive codes are read"),
        MissCause.NoTime => new("no-time", "stale", "what was found does not say precisely enough when it was true"),
        MissCause.Future => new("future", "future", "what was found lies in the future"),
        MissCause.Stale => new("stale", "stale", "the newest match is too old"),
        MissCause.Implausible => new("implausible", "out_of_range", "the newest match is outside the plausible range"),
        MissCause.Conflict => new("conflict", "no_value", "the newest of what was found contradict each other: different values at one time, or at times of which nobody can tell the later"),
        MissCause.Older => new("older", "", "a newer one, which says something else, counts in its place"),
        MissCause.MixedSubjects => new("mixed-subjects", "absent", "the bundle is about more than one patient"),
        MissCause.OtherPatient => new("other-patient", "absent", "the bundle is about another patient than the one asked about"),
        MissCause.NoPatient => new("no-patient", "absent", "the bundle does not say which patient its data are about, by a reference that can be resolved"),
        MissCause.UnresolvedPatient => new("unresolvable-reference", "absent", "the reference to the patient cannot be resolved: it must lead to the patient's entry, or be read against the entry's own fullUrl"),
        MissCause.InactivePatient => new("inactive-patient", "absent", "the patient's record is out of use (active: false), or another has taken its place (link replaced-by): send the data of the one that is in use"),
        MissCause.BundleType => new("bundle-type", "absent", "only bundles of type collection, document, searchset and batch-response are read as data"),
        MissCause.BundleModifier => new("modifier", "absent", "the bundle or its Patient carries a modifier extension or implicit rules"),
        MissCause.InvalidBundle => new("invalid", "absent", "the bundle is not valid FHIR R4"),
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "not a cause"),
    };
}
