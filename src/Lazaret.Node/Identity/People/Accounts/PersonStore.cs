using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>The framework's store of accounts, but for the authenticators' secrets, which it would keep in clear.</summary>
internal sealed class PersonStore(LazaretDb db, RecordSeal seal)
    : UserOnlyStore<Person, LazaretDb, Guid, IdentityUserClaim<Guid>, IdentityUserLogin<Guid>, IdentityUserToken<Guid>, IdentityUserPasskey<Guid>>(db)
{
    public override async Task SetAuthenticatorKeyAsync(Person user, string key, CancellationToken cancellationToken)
    {
        await Context.AuthenticatorKeys.Where(earlier => earlier.PersonId == user.Id).ExecuteDeleteAsync(cancellationToken);
        Context.AuthenticatorKeys.Add(AuthenticatorKey.Of(user, key, seal));
        await Context.SaveChangesAsync(cancellationToken);
    }

    public override async Task<string?> GetAuthenticatorKeyAsync(Person user, CancellationToken cancellationToken) =>
        (await Context.AuthenticatorKeys.AsNoTracking().SingleOrDefaultAsync(key => key.PersonId == user.Id, cancellationToken))?.Open(seal);
}
