using System.CommandLine;
using System.Globalization;
using System.Xml;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens.Clients;
using Spectre.Console;

namespace Lazaret.Node.Cli;

/// <summary>Commands for the operator: the programs that may ask, and their keys.</summary>
internal static class RequesterCommands
{
    public static Command Create(Settings settings) => new("requesters", "The programs that may ask this node, and their API keys.") { Add(settings), List(settings), Rotate(settings), Revoke(settings) };

    private static Command Add(Settings settings)
    {
        var name = Name();
        var role = new Option<string>("--role") { Description = string.Join(", ", RoleNames.All), DefaultValueFactory = _ => RoleNames.All[0] };
        role.AcceptOnlyFromAmong([.. RoleNames.All]);
        var expires = new Option<string?>("--expires") { Description = "how long the key is valid: P90D; without it until it is revoked", HelpName = "DURATION" };
        var jwks = Jwks("register a client that signs tokens, in place of making a key: by SMART Backend Services, its client id is NAME");
        var cdsIssuer = new Option<string?>("--cds-issuer") { Description = "register a CDS Hooks client, whose tokens carry this as iss; with --jwks", HelpName = "ISS" };
        var command = new Command("add", "Register a program. Its key is printed, alone, this once; with --jwks it has none, and nothing is printed.") { name, role, expires, jwks, cdsIssuer };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var end = EndOf(Duration("--expires", parsed.GetValue(expires)));
            var (called, mayBe) = (parsed.GetRequiredValue(name), RoleNames.Find(parsed.GetRequiredValue(role)));
            var issuer = parsed.GetValue(cdsIssuer);
            if (issuer is not null && (issuer.Length is 0 or > 500 || parsed.GetValue(jwks) is null))
                throw new InputException("--cds-issuer: needs 1 to 500 characters, and --jwks");
            var keys = parsed.GetValue(jwks) is { } place ? ClientKeys.Register(place) : null;
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var directory = services.GetRequiredService<RequesterDirectory>();
            if (keys is not null)
            {
                var (kind, lookup) = issuer is null ? (CredentialKind.JsonWebKeys, called) : (CredentialKind.CdsIssuer, issuer);
                await directory.AddAsync(called, mayBe, kind, lookup, keys, end, cancellationToken);
                return WarnUnless(AuthModes.Smart, services);
            }

            var (key, text) = ApiKey.Make();
            await directory.AddAsync(called, mayBe, CredentialKind.Key, key.Prefix, key.Hash, end, cancellationToken);
            return Print(text, services);
        });
        return command;
    }

    private static Command List(Settings settings)
    {
        var command = new Command("list", "Who is registered, and by what they prove it: never the keys themselves.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var table = new Table().RoundedBorder().AddColumns("name", "role", "proof", "shown as", "made", "valid until");
            foreach (var (requester, credentials) in await services.GetRequiredService<RequesterDirectory>().ListAsync(cancellationToken))
            {
                foreach (var credential in credentials)
                {
                    table.AddRow(
                        Markup.Escape(requester.Name),
                        string.Join(", ", RoleNames.Of(requester.Role)),
                        KindOf(credential),
                        Markup.Escape(credential.Kind == CredentialKind.Key ? $"{ApiKey.Begin}{credential.Lookup}_…" : credential.Lookup),
                        Instant(credential.CreatedAt),
                        credential.RevokedAt is { } revoked ? $"revoked {Instant(revoked)}" : credential.ExpiresAt is { } end ? Instant(end) : "it is revoked");
                }
            }

            if (table.Rows.Count == 0)
                Console.WriteLine("Nobody is registered: lazaret requesters add NAME");
            else
                AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rotate(Settings settings)
    {
        var name = Name();
        var expires = new Option<string?>("--expires") { Description = "how long the new key is valid: P90D; without it until it is revoked", HelpName = "DURATION" };
        var overlap = new Option<string>("--overlap") { Description = "how long the keys before it stay valid", DefaultValueFactory = _ => "P7D", HelpName = "DURATION" };
        var jwks = Jwks("the new keys of a client that signs tokens, in place of those before");
        var command = new Command("rotate", "Make a new key, and print it, alone, this once; or take a client's new keys.") { name, expires, overlap, jwks };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(jwks) is { } place)
            {
                var keys = ClientKeys.Register(place);
                await using var node = await settings.OpenNodeAsync(cancellationToken);
                await node.GetRequiredService<RequesterDirectory>().ReplaceAsync(
                    parsed.GetRequiredValue(name), [CredentialKind.JsonWebKeys, CredentialKind.CdsIssuer], keys, cancellationToken);
                return ExitCodes.Done;
            }

            var lifetime = Duration("--expires", parsed.GetValue(expires));
            var rest = Duration("--overlap", parsed.GetValue(overlap), TimeSpan.Zero);
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var (key, text) = ApiKey.Make();
            await services.GetRequiredService<RequesterDirectory>().AddCredentialAsync(
                parsed.GetRequiredValue(name), CredentialKind.Key, key.Prefix, key.Hash, EndOf(lifetime), rest, cancellationToken);
            return Print(text, services);
        });
        return command;
    }

    private static Command Revoke(Settings settings)
    {
        var name = Name();
        var command = new Command("revoke", "End a requester's access, by every key and certificate, within a second.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            await services.GetRequiredService<RequesterDirectory>().RevokeAsync(parsed.GetRequiredValue(name), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static int Print(string key, ServiceProvider services)
    {
        Console.WriteLine(key);
        return WarnUnless(AuthModes.Key, services);
    }

    private static int WarnUnless(string mode, ServiceProvider services)
    {
        if (!services.GetRequiredService<AuthOptions>().Takes(mode))
            Console.Error.WriteLine($"lazaret: the node does not take this yet: add {mode} to Lazaret:Auth:Modes");
        return ExitCodes.Done;
    }

    private static Option<string?> Jwks(string description) => new("--jwks") { Description = $"{description}: a file with a JWK set, or the https address of one", HelpName = "FILE_OR_URL" };

    private static Argument<string> Name() => new("NAME") { Description = "as audit and projects name it" };

    /// <exception cref="InputException">It is no ISO 8601 duration, or too short or too long.</exception>
    private static TimeSpan? Duration(string option, string? text, TimeSpan? atLeast = null)
    {
        if (text is null)
            return null;
        try
        {
            var duration = XmlConvert.ToTimeSpan(text);
            if (duration >= (atLeast ?? TimeSpan.FromMinutes(1)) && duration <= TimeSpan.FromDays(3660))
                return duration;
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw new InputException($"{option}: '{text}' is no duration like P90D or PT12H, of ten years at most");
    }

    private static DateTimeOffset? EndOf(TimeSpan? lifetime) => lifetime is { } length ? TimeProvider.System.GetUtcNow() + length : null;

    private static string KindOf(Credential credential) => credential.Kind switch
    {
        CredentialKind.Key => "API key",
        CredentialKind.Certificate => "certificate",
        CredentialKind.CertificateSubject => "certificate subject",
        CredentialKind.JsonWebKeys => "SMART client",
        CredentialKind.CdsIssuer => "CDS Hooks client",
        _ => throw new InvalidOperationException($"unknown kind {credential.Kind}"),
    };

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
