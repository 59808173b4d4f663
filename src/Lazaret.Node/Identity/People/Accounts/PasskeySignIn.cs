using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>What follows once a passkey has shown who somebody is.</summary>
internal sealed class PasskeySignIn(LazaretDb db, UserManager<Person> users)
{
    /// <summary>Keeps the passkey's counter of signatures, by which a copied one is noticed. The framework would put a passkey back that was taken away since it was looked at.</summary>
    /// <returns>Whose it is; null when it was taken away meanwhile, or its person was revoked.</returns>
    public async Task<Requester?> UseAsync(Person person, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        await db.People.AsNoTracking().Where(p => p.Id == person.Id).ForUpdate().LoadAsync(cancellationToken);
        if (!await db.Passkeys.AnyAsync(p => p.CredentialId == passkey.CredentialId && p.UserId == person.Id, cancellationToken)
            || await db.Requesters.AsNoTracking().SingleOrDefaultAsync(r => r.Id == person.Id && r.RevokedAt == null, cancellationToken) is not { } requester
            || !(await users.AddOrUpdatePasskeyAsync(person, passkey)).Succeeded)
            return null;
        await writing.CommitAsync(cancellationToken);
        return new Requester(requester.Name, requester.Role);
    }
}
