using System.CommandLine;
using System.Globalization;
using System.Xml;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Spectre.Console;

namespace Lazaret.Node.Cli.Requesters;

/// <summary>Commands for the operator: the programs that may ask, and their keys.</summary>
internal static class RequesterCommands
{
    public static Command Create(Settings settings) => new("requesters", "The programs that may ask this node, and their API keys or certificates.") { Add(settings), List(settings), Rotate(settings), Revoke(settings) };

    private static Command Add(Settings settings)
    {
        var name = Name();
        var role = new Option<string>("--role") { Description = string.Join(", ", RoleNames.All), DefaultValueFactory = _ => RoleNames.All[0] };
        role.AcceptOnlyFromAmong([.. RoleNames.All]);
        var expires = new Option<string?>("--expires") { Description = "how long it is valid: P90D; without it until it is revoked", HelpName = "DURATION" };
        var proof = new GivenProof();
        var command = new Command("add", "Register a program. Its key is printed, alone, this once; or give its certificate, or the public keys of its tokens.") { name, role, expires };
        proof.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lifetime = Duration("--expires", parsed.GetValue(expires));
            var called = parsed.GetRequiredValue(name);
            var given = proof.Read(parsed, called);
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var directory = services.GetRequiredService<RequesterDirectory>();
            if (given is not null)
            {
                await directory.AddAsync(
                    called, RoleNames.Find(parsed.GetRequiredValue(role)), given.Kind, given.Lookup, given.Content, given.EndsBy(EndOf(lifetime)), cancellationToken);
                return GivenProof.Print(given, services);
            }

            var (key, text) = ApiKey.Make();
            await directory.AddAsync(
                called, RoleNames.Find(parsed.GetRequiredValue(role)), CredentialKind.Key, key.Prefix, key.Hash, EndOf(lifetime), cancellationToken);
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
        var expires = new Option<string?>("--expires") { Description = "how long the new one is valid: P90D; without it until it is revoked", HelpName = "DURATION" };
        var overlap = new Option<string>("--overlap") { Description = "how long those of its kind before it stay valid", DefaultValueFactory = _ => "P7D", HelpName = "DURATION" };
        var proof = new GivenProof();
        var command = new Command("rotate", "Make a new key, and print it, alone, this once; or take a new certificate, or a client's new public keys.") { name, expires, overlap };
        proof.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lifetime = Duration("--expires", parsed.GetValue(expires));
            var rest = Duration("--overlap", parsed.GetValue(overlap), TimeSpan.Zero);
            var called = parsed.GetRequiredValue(name);
            var given = proof.Read(parsed, called);
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var directory = services.GetRequiredService<RequesterDirectory>();
            if (given is not null)
            {
                // A client is found by its id or issuer, whatever its keys are: new ones take the place of the old.
                if (given.IsKeySet)
                    await directory.ReplaceKeySetAsync(called, given.Content, cancellationToken);
                else
                    await directory.AddCredentialAsync(called, given.Kind, given.Lookup, given.Content, given.EndsBy(EndOf(lifetime)), rest, cancellationToken);
                return GivenProof.Print(given, services);
            }

            var (key, text) = ApiKey.Make();
            await directory.AddCredentialAsync(
                called, CredentialKind.Key, key.Prefix, key.Hash, EndOf(lifetime), rest, cancellationToken);
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
