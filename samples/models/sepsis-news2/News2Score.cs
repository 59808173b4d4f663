namespace SepsisNews2;

/// <param name="Total">0 to 20.</param>
/// <param name="AnyRed">One parameter alone scores 3, the chart's red.</param>
/// <param name="Complete">False if oxygen or consciousness was not recorded: <paramref name="Total"/> is then a lower bound.</param>
public sealed record News2Score(int Total, bool AnyRed, bool Complete)
{
    /// <summary>Chart 2 of the report, "NEWS thresholds and triggers".</summary>
    public Risk Risk => Total switch
    {
        >= 7 => Risk.High,
        >= 5 => Risk.Medium,
        _ when AnyRed => Risk.LowMedium,
        _ => Risk.Low,
    };

    /// <summary>
    /// The report: think sepsis at 5 or more in a patient who may have an infection. A red parameter below that total is counted too:
    /// chart 2 and NICE (NG51, 1.11) want a clinician to settle such a patient's risk, and a screening that stays silent would prevent it.
    /// </summary>
    public bool SuggestsSepsis => Risk != Risk.Low;
}

/// <summary>Clinical risk, in the report's words.</summary>
public enum Risk
{
    Low,
    LowMedium,
    Medium,
    High,
}
