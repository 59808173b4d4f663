namespace Lazaret.Cohort.Queries;

/// <summary>Who asks: a requester may only use declared edges; the steward may use any bound, and a number alone for equality.</summary>
public enum Asker
{
    Requester,
    Steward,
}
