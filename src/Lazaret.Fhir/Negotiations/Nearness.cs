namespace Lazaret.Fhir.Negotiations;

/// <summary>
/// How near a datum came to being used. The nearest tells a person most, and of two that are true at once the nearer is the stricter:
/// <see cref="MissCause.RecordedAbsent"/>, which lets a model run without the datum, gives way to all others.
/// </summary>
internal static class Nearness
{
    private static readonly MissCause[] FarToNear =
    [
        MissCause.RecordedAbsent,
        MissCause.OtherSystem,
        MissCause.OtherPanel,
        MissCause.Contained,
        MissCause.Modifier,
        MissCause.Status,
        MissCause.NoSubject,
        MissCause.Focus,
        MissCause.NoValue,
        MissCause.Comparator,
        MissCause.Unit,
        MissCause.NoTime,
        MissCause.Future,
        MissCause.Stale,
        MissCause.Implausible,
        MissCause.Conflict,
    ];

    public static int Of(MissCause cause) => Array.IndexOf(FarToNear, cause);
}
