namespace Lazaret.Cohort.Queries;

/// <summary>What is asked, which decides which fields a request may have.</summary>
public enum Question
{
    /// <summary>How the scores of a map go with an outcome.</summary>
    Map,

    /// <summary>How well connectivity predicts an outcome.</summary>
    CrossValidation,

    /// <summary>Where connectivity goes with an outcome, as means over parcels.</summary>
    OutcomeMap,
}
