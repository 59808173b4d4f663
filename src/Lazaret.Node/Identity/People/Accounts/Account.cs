namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>What the operator sees of a person.</summary>
/// <param name="LinkUntil">Until when a link waits to be used; null where there is none.</param>
/// <param name="Sessions">How many sessions there are, those included that have run out and not been dropped yet.</param>
internal sealed record Account(string Name, Roles Role, DateTimeOffset? RevokedAt, int Passkeys, bool HasPassword, DateTimeOffset? LinkUntil, int Sessions);
