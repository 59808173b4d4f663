namespace Lazaret.Cohort.Queries;

/// <summary>Who asks: a requester is held to declared edges; the steward may use any bound, and a bare number for equality.</summary>
public enum Asker
{
    Requester,
    Steward,
}
