using System.CommandLine;
using System.Globalization;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Accounts;
using Spectre.Console;

namespace Lazaret.Node.Cli;

/// <summary>Commands for the operator: the people who have an account of this node.</summary>
internal static class PeopleCommands
{
    // A passkey needs a name: browsers make none for 127.0.0.1.
    private const string Here = "http://localhost:8080";

    public static Command Create(Settings settings) => new("people", "The people who have an account of this node.") { Add(settings), List(settings), Revoke(settings) };

    private static Command Add(Settings settings)
    {
        var name = Name();
        var role = new Option<string?>("--role") { Description = $"{string.Join(", ", RoleNames.All)}; needed for a new person" };
        role.AcceptOnlyFromAmong([.. RoleNames.All]);
        var url = new Option<string?>("--url") { Description = $"the node's address for people, where Lazaret:Http:PublicUrl does not say it; otherwise {Here}", HelpName = "URL" };
        var command = new Command("add", "Give a person an account, or take away the passkeys and password of a person who has one. A link is printed, alone: with it the person sets up how they sign in, once and within a day.") { name, role, url };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken, StateUse.MakesNamed);
            var origin = OriginOf(parsed.GetValue(url), services.GetRequiredService<HttpOptions>());
            var chosen = parsed.GetValue(role) is { } text ? RoleNames.Find(text) : (Roles?)null;
            Console.WriteLine($"{origin}/sign-in/setup#{await services.GetRequiredService<PeopleDirectory>().AddAsync(parsed.GetRequiredValue(name), chosen, AuditEntry.Operator, cancellationToken)}");
            if (WordsOfHere(parsed.GetValue(url), services.GetRequiredService<HttpOptions>()) is { } words)
                await Console.Error.WriteLineAsync($"lazaret: {words}");
            if (!services.GetRequiredService<AuthOptions>().Takes(AuthModes.Accounts))
                await Console.Error.WriteLineAsync("lazaret: nobody can use the link yet: add accounts to Lazaret:Auth:Modes");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List(Settings settings)
    {
        var command = new Command("list", "Show who has an account, and how each person signs in.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var table = new Table().RoundedBorder().AddColumns("name", "role", "signs in with", "sessions");
            foreach (var person in await services.GetRequiredService<PeopleDirectory>().ListAsync(cancellationToken))
                table.AddTexts(person.Name, string.Join(", ", RoleNames.Of(person.Role)), By(person), person.Sessions.ToString(CultureInfo.InvariantCulture));
            if (table.Rows.Count == 0)
                Console.WriteLine("Nobody has an account: lazaret people add NAME --role steward");
            else
                AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Revoke(Settings settings)
    {
        var name = Name();
        var command = new Command("revoke", "End a person's access and sessions, within a second. For a person of the provider, oidc/SUBJECT, only the sessions end: the provider must end the access.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var (people, who) = (services.GetRequiredService<PeopleDirectory>(), parsed.GetRequiredValue(name));
            if (!who.Contains('/', StringComparison.Ordinal))
            {
                await people.RevokeAsync(who, AuditEntry.Operator, cancellationToken);
                return ExitCodes.Done;
            }

            await Console.Error.WriteLineAsync($"lazaret: sessions ended: {await people.EndSessionsAsync(who, AuditEntry.Operator, cancellationToken)}; as long as the provider gives this person a role, they can sign in again");
            return ExitCodes.Done;
        });
        return command;
    }

    private static string By(Account person) => person.RevokedAt is { } revoked ? $"revoked {Instants.ToMinute(revoked)}" : string.Join(", ", new[]
    {
        person.Passkeys > 0 ? "passkey" : null,
        person.HasPassword ? "password and code" : null,
        person.LinkUntil is { } until ? $"link until {Instants.ToMinute(until)}" : null,
    }.OfType<string>().DefaultIfEmpty("nothing: 'lazaret people add' makes a new link"));

    /// <exception cref="InputException">It is no address to which a person could send a password.</exception>
    private static string OriginOf(string? given, HttpOptions http)
    {
        var text = given ?? (http.PublicUrl.Length > 0 ? http.PublicUrl : Here);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && Loopback.IsHost(url.Host))) || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw new InputException($"{(given is null ? "Lazaret:Http:PublicUrl" : "--url")}: '{text}' is no address for people: write https://lazaret.hospital.example, or http://localhost:8080 on this machine");
        return text.TrimEnd('/');
    }

    /// <summary>Said where nothing names the node's address, and the link leads a person to their own machine.</summary>
    internal static string? WordsOfHere(string? given, HttpOptions http) => given is null && http.PublicUrl.Length == 0
        ? $"the link begins with {Here}, for the configuration does not say the node's address: it is of use on this machine alone. Set Lazaret:Http:PublicUrl, or name the address by --url"
        : null;

    private static Argument<string> Name() => new("NAME") { Description = "the person's name, as the audit and projects show it" };
}
