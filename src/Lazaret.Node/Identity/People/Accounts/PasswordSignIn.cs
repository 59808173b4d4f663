using System.Globalization;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>Name, password and six-digit code, all together: what of them was wrong is not said, nor shown by the time that the answer takes.</summary>
internal sealed class PasswordSignIn(LazaretDb db, UserManager<Person> users, DecoyPassword decoy, AuthenticationAudit audit, TimeProvider time)
{
    private const int MostFailures = 5;
    private const int LongestPassword = 128;
    private static readonly TimeSpan Locked = TimeSpan.FromMinutes(15);

    // Longer than the framework takes a code for valid.
    private static readonly TimeSpan CodeLasts = TimeSpan.FromMinutes(5);

    // More than hashing a password and writing to the database take.
    private static readonly TimeSpan FailureTakes = TimeSpan.FromMilliseconds(500);

    /// <returns>Null when it failed.</returns>
    public async Task<Requester?> TryAsync(string name, string password, string code, CancellationToken cancellationToken)
    {
        var rest = Task.Delay(FailureTakes, cancellationToken);
        var person = name.Length <= 64 ? await users.FindByNameAsync(name) : null;
        var requester = await CheckAsync(person, password, string.Concat(code.Where(char.IsAsciiDigit)), cancellationToken);
        if (requester is not null)
            return requester;
        // An unknown name may be a password in the wrong field: it is not kept.
        await audit.RefusedAsync(null, "POST /sign-in", person is null ? "sign-in under an unknown name" : $"sign-in as '{person.UserName}': wrong password or code, or locked after failures");
        await rest;
        return null;
    }

    private async Task<Requester?> CheckAsync(Person? person, string password, string code, CancellationToken cancellationToken)
    {
        var passwordHolds = password.Length <= LongestPassword && decoy.Holds(person, password);
        if (person is null)
            return null;
        var codeHolds = await users.VerifyTwoFactorTokenAsync(person, TokenOptions.DefaultAuthenticatorProvider, code);
        var now = time.GetUtcNow();
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        // Each try counts before its outcome does: of tries at the same time no more get through than of tries one after the other.
        var counted = await CountAsync(person, now, cancellationToken);
        var used = await db.People.Where(p => p.Id == person.Id).Select(p => p.UsedCodes).SingleAsync(cancellationToken);
        var recent = used.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(entry => long.Parse(entry[(entry.IndexOf('@', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture) > (now - CodeLasts).ToUnixTimeSeconds()).ToList();
        var requester = await db.Requesters.AsNoTracking().SingleOrDefaultAsync(r => r.Id == person.Id && r.RevokedAt == null, cancellationToken);
        var holds = counted && passwordHolds && codeHolds && requester is not null && !recent.Exists(entry => entry.StartsWith($"{code}@", StringComparison.Ordinal));
        if (holds)
        {
            var codes = string.Join(' ', recent.Append(string.Create(CultureInfo.InvariantCulture, $"{code}@{now.ToUnixTimeSeconds()}")));
            await db.People.Where(p => p.Id == person.Id).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.AccessFailedCount, 0).SetProperty(p => p.LockoutEnd, (DateTimeOffset?)null).SetProperty(p => p.UsedCodes, codes), cancellationToken);
        }

        await writing.CommitAsync(cancellationToken);
        return holds ? new Requester(requester!.Name, requester.Role) : null;
    }

    /// <returns>False while the account is locked.</returns>
    private async Task<bool> CountAsync(Person person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset? until = now + Locked;
        await db.People.Where(p => p.Id == person.Id && p.LockoutEnd <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.AccessFailedCount, 0).SetProperty(p => p.LockoutEnd, (DateTimeOffset?)null), cancellationToken);
        var counted = await db.People.Where(p => p.Id == person.Id && p.LockoutEnd == null)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.AccessFailedCount, p => p.AccessFailedCount + 1), cancellationToken);
        await db.People.Where(p => p.Id == person.Id && p.LockoutEnd == null && p.AccessFailedCount >= MostFailures)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.LockoutEnd, until), cancellationToken);
        return counted > 0;
    }
}
