using System.Security.Cryptography;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>What a person does with their link: they set up a passkey, or a password and an authenticator. The link is used up in the transaction that keeps it.</summary>
internal sealed class CredentialSetup(
    LazaretDb db, UserManager<Person> users, IUserStore<Person> accounts, SignInManager<Person> passkeys, DecoyPassword hasher, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>Whose link it is; null when it is none, was used, or has expired.</summary>
    public async Task<(Person Person, Requester Requester)?> FindAsync(string link, CancellationToken cancellationToken)
    {
        var (hash, now) = (HashedSecret.HashOf(link), time.GetUtcNow());
        return await db.SetupLinks.AsNoTracking().Where(l => l.Hash == hash && l.UsedAt == null && l.ExpiresAt > now)
            .Join(db.People, l => l.PersonId, p => p.Id, (_, person) => person)
            .Join(db.Requesters.Where(r => r.RevokedAt == null), p => p.Id, r => r.Id, (person, requester) => new { person, requester.Name, requester.Role })
            .SingleOrDefaultAsync(cancellationToken) is { } found ? (found.person, new Requester(found.Name, found.Role)) : null;
    }

    /// <summary>A new secret for an authenticator, and the same in a form that the browser can send back for this link alone.</summary>
    public (string Secret, string Kept) OfferAuthenticator(string link)
    {
        var secret = users.GenerateNewAuthenticatorKey();
        return (secret, Keeper(link).Protect(secret));
    }

    public Task<string> OfferPasskeyAsync(Person person) =>
        passkeys.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity { Id = $"{person.Id}", Name = person.UserName!, DisplayName = person.UserName! });

    /// <returns>False when the browser's answer does not hold, or the link was used meanwhile.</returns>
    public async Task<bool> SetPasskeyAsync(string link, Person person, string credential, CancellationToken cancellationToken)
    {
        var made = await passkeys.PerformPasskeyAttestationAsync(credential);
        return made is { Succeeded: true } && made.UserEntity.Id == $"{person.Id}"
            && await UseAsync(link, person, "passkey", async tracked => (await users.AddOrUpdatePasskeyAsync(tracked, made.Passkey)).Succeeded, cancellationToken);
    }

    /// <returns>What is wrong; null when all is kept.</returns>
    public async Task<string?> SetPasswordAsync(string link, Person person, string password, string again, string code, string secret, CancellationToken cancellationToken)
    {
        if (password != again)
            return "The two passwords differ.";
        if (PasswordRules.Fault(person, password) is { } fault)
            return fault;
        if (AuthenticatorCode.StepOf(secret, code, time.GetUtcNow()) is not { } step)
            return "The code is not right: type the one that your authenticator shows now for this secret, and check that its clock is right.";
        var hash = hasher.Hash(password);
        var done = await UseAsync(link, person, "password_and_code", async tracked =>
        {
            await ((IUserAuthenticatorKeyStore<Person>)accounts).SetAuthenticatorKeyAsync(tracked, secret, cancellationToken);
            tracked.SetPassword(hash, step);
            return (await users.UpdateSecurityStampAsync(tracked)).Succeeded;
        }, cancellationToken);
        return done ? null : "Your link was used meanwhile: ask for a new one.";
    }

    private async Task<bool> UseAsync(string link, Person person, string credential, Func<Person, Task<bool>> keep, CancellationToken cancellationToken)
    {
        var (hash, now) = (HashedSecret.HashOf(link), time.GetUtcNow());
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var used = await db.SetupLinks.Where(l => l.Hash == hash && l.PersonId == person.Id && l.UsedAt == null && l.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.UsedAt, (DateTimeOffset?)now), cancellationToken);
        // What was written is undone when the transaction ends without a commit.
        if (used != 1 || !await keep(await db.People.SingleAsync(p => p.Id == person.Id, cancellationToken)))
            return false;
        db.Audit.Add(AuditEntry.Of(AuditAction.PersonLinkUsed, now, person.UserName!, new() { ["credential"] = credential }));
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>The authenticator's secret that came back with the form; null when it is none that was offered for this link.</summary>
    public string? SecretOf(string link, string kept)
    {
        try
        {
            return Keeper(link).Unprotect(kept);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector Keeper(string link) => protection.CreateProtector("lazaret.authenticator", HashedSecret.HashOf(link));
}
