namespace Lazaret.Disclosure;

/// <summary>Whose answers a ledger adds up.</summary>
public enum LedgerScope
{
    /// <summary>All answers to everybody, for ever. It protects even if all requesters collude.</summary>
    Site,

    /// <summary>The answers to one project; and those to everybody, under a second, higher limit.</summary>
    Project,
}
