namespace Lazaret.Disclosure;

/// <summary>Whose answers a ledger adds up.</summary>
public enum LedgerScope
{
    /// <summary>Everybody's, for ever: holds against any collusion.</summary>
    Site,

    /// <summary>A project's own, and everybody's under a second, higher limit.</summary>
    Project,
}
