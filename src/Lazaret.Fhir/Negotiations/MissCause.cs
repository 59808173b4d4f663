namespace Lazaret.Fhir.Negotiations;

/// <summary>Why nothing in the bundle meets a requirement, or why a datum of it is not used.</summary>
public enum MissCause
{
    NoMatch,

    /// <summary>It was asked, and the answer is no or unknown; the model takes that as missing, and nobody is asked again.</summary>
    RecordedAbsent,
    OtherSystem,

    /// <summary>It is a component of a panel that the requirement does not name.</summary>
    OtherPanel,
    Contained,
    Modifier,

    /// <summary>It carries the codes of two data that are asked for.</summary>
    Ambiguous,
    Status,
    NoSubject,
    Focus,
    NoValue,
    Comparator,
    Unit,
    NoTime,
    Future,
    Stale,
    Implausible,
    Conflict,

    /// <summary>No fault: a newer datum, which says something else, counts in its place.</summary>
    Older,

    /// <summary>The whole bundle is refused: it is about more than one patient.</summary>
    MixedSubjects,

    /// <summary>The whole bundle is refused: it is about another patient than the one asked about.</summary>
    OtherPatient,

    /// <summary>The whole bundle is refused: it does not say whom it is about, and one patient was asked about.</summary>
    NoPatient,

    /// <summary>The whole bundle is refused: it names a patient by a reference that cannot be resolved, and one patient was asked about.</summary>
    UnresolvedPatient,

    /// <summary>The whole bundle is refused: the record of its patient is out of use, or another has taken its place.</summary>
    InactivePatient,

    /// <summary>The whole bundle is refused: its type makes no statement of present data.</summary>
    BundleType,

    /// <summary>The whole bundle is refused: it, or its Patient, must not be read without rules that are unknown here.</summary>
    BundleModifier,

    /// <summary>The whole bundle is refused: it is not valid FHIR R4, so that nothing in it was read.</summary>
    InvalidBundle,
}
