using Microsoft.AspNetCore.Identity;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>Compares passwords. When a person has no password, it compares with a dummy hash, so that the answer takes equally long.</summary>
internal sealed class DecoyPassword
{
    private readonly PasswordHasher<Person> _hasher;
    private readonly string _other;

    public DecoyPassword(Microsoft.Extensions.Options.IOptions<PasswordHasherOptions> options)
    {
        _hasher = new PasswordHasher<Person>(options);
        _other = Hash(Guid.NewGuid().ToString());
    }

    public string Hash(string password) => _hasher.HashPassword(null!, password);

    public bool IsRight(Person? person, string password) =>
        _hasher.VerifyHashedPassword(null!, person?.PasswordHash ?? _other, password) != PasswordVerificationResult.Failed && person?.PasswordHash is not null;
}
