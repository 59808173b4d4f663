using System.CommandLine;
using System.Globalization;
using System.Xml;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Spectre.Console;

namespace Lazaret.Node.Cli;

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
        var proof = new CertificateProof();
        var command = new Command("add", "Register a program. Its key is printed, alone, this once; or give its certificate.") { name, role, expires };
        proof.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lifetime = Duration("--expires", parsed.GetValue(expires));
            var certificate = proof.Read(parsed);
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var directory = services.GetRequiredService<RequesterDirectory>();
            if (certificate is not null)
            {
                await directory.AddAsync(
                    parsed.GetRequiredValue(name), RoleNames.Find(parsed.GetRequiredValue(role)), certificate.Kind, certificate.Lookup, certificate.Content, certificate.EndsBy(EndOf(lifetime)), cancellationToken);
                return CertificateProof.Print(certificate, services);
            }

            var (key, text) = ApiKey.Make();
            await directory.AddAsync(
                parsed.GetRequiredValue(name), RoleNames.Find(parsed.GetRequiredValue(role)), CredentialKind.Key, key.Prefix, key.Hash, EndOf(lifetime), cancellationToken);
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
        var proof = new CertificateProof();
        var command = new Command("rotate", "Make a new key, and print it, alone, this once; or take a new certificate.") { name, expires, overlap };
        proof.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lifetime = Duration("--expires", parsed.GetValue(expires));
            var rest = Duration("--overlap", parsed.GetValue(overlap), TimeSpan.Zero);
            var certificate = proof.Read(parsed);
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var directory = services.GetRequiredService<RequesterDirectory>();
            if (certificate is not null)
            {
                await directory.AddCredentialAsync(
                    parsed.GetRequiredValue(name), certificate.Kind, certificate.Lookup, certificate.Content, certificate.EndsBy(EndOf(lifetime)), rest, cancellationToken);
                return CertificateProof.Print(certificate, services);
            }

            var (key, text) = ApiKey.Make();
            await directory.AddCredentialAsync(
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
        if (!services.GetRequiredService<AuthOptions>().Modes.Contains(AuthModes.Key))
            Console.Error.WriteLine("lazaret: the node does not take keys yet: set Lazaret:Auth:Modes:0=key");
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
        CredentialKind.JsonWebKeys => "signed tokens",
        _ => throw new InvalidOperationException($"unknown kind {credential.Kind}"),
    };

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
