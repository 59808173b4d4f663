using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.Identity;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>Refuses the commonest long passwords, those that only repeat something, and the person's name. There are no rules of composition (NIST SP 800-63B).</summary>
internal sealed class CommonPasswords : IPasswordValidator<Person>
{
    public const int Shortest = 12;

    private const int FewestDifferent = 5;

    // A shorter one is part of too many words.
    private const int ShortestName = 4;

    private static readonly FrozenSet<string> Common = Read().ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public Task<IdentityResult> ValidateAsync(UserManager<Person> manager, Person user, string? password) => Task.FromResult(
        password is null || Common.Contains(password) || password.Distinct().Count() < FewestDifferent || (user.UserName!.Length >= ShortestName && password.Contains(user.UserName, StringComparison.OrdinalIgnoreCase))
            ? IdentityResult.Failed(new IdentityError { Code = "Common", Description = "This password is one of the first that an attacker tries: a common one, few characters repeated, or one with your name in it." })
            : IdentityResult.Success);

    private static List<string> Read()
    {
        using var list = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("common-passwords.txt")!);
        return [.. list.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
