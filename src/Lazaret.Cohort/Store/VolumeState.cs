namespace Lazaret.Cohort.Store;

/// <summary>What the store has of one row's volume.</summary>
public enum VolumeState
{
    /// <summary>Its values, as they now are.</summary>
    Read,

    /// <summary>Values of a file that has changed since, or gone.</summary>
    Stale,

    /// <summary>Why it cannot be used.</summary>
    Unusable,

    /// <summary>Nothing yet.</summary>
    New,
}
