using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
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
        var proof = new GivenProof(isNew: true);
        var command = new Command("add", "Register a program. Its key is printed, alone, this once; or give its certificate, or the public keys of its tokens.") { name, role, expires };
        proof.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lifetime = Lifetime.Read("expires", parsed.GetValue(expires));
            var given = proof.Read(parsed, parsed.GetRequiredValue(name));
            await using var services = await settings.OpenNodeAsync(cancellationToken, StateUse.MakesNamed);
            await services.GetRequiredService<RequesterDirectory>().AddAsync(
                parsed.GetRequiredValue(name), RoleNames.Find(parsed.GetRequiredValue(role)), given.Kind, given.Lookup, given.Content, given.EndsBy(Lifetime.EndOf(lifetime, TimeProvider.System.GetUtcNow())), AuditEntry.Operator, cancellationToken);
            return Print(given, services);
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
                    table.AddTexts(
                        requester.Name,
                        string.Join(", ", RoleNames.Of(requester.Role)),
                        CredentialKinds.WordsOf(credential.Kind),
                        credential.Kind == CredentialKind.Key ? $"{ApiKey.Begin}{credential.Lookup}_…" : credential.Lookup,
                        Instants.ToMinute(credential.CreatedAt),
                        credential.RevokedAt is { } revoked ? $"revoked {Instants.ToMinute(revoked)}" : credential.ExpiresAt is { } end ? Instants.ToMinute(end) : "no end");
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
        var expires = new Option<string?>("--expires") { Description = "how long the new one is valid: P90D; without it as long as the one before", HelpName = "DURATION" };
        var overlap = new Option<string>("--overlap") { Description = "how long those of its kind before it stay valid", DefaultValueFactory = _ => "P7D", HelpName = "DURATION" };
        var proof = new GivenProof(isNew: false);
        var command = new Command("rotate", "Make a new key, and print it, alone, this once; or take a new certificate, or a client's new public keys.") { name, expires, overlap };
        proof.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lifetime = Lifetime.Read("expires", parsed.GetValue(expires));
            var rest = Lifetime.Read("overlap", parsed.GetRequiredValue(overlap), TimeSpan.Zero)!.Value;
            var given = proof.Read(parsed, parsed.GetRequiredValue(name));
            if (given.IsKeySet && (lifetime is not null || parsed.GetResult(overlap) is { Implicit: false }))
                throw new InputException("--jwks: the new keys take the place of the old at once: --expires and --overlap do not go with it");
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var directory = services.GetRequiredService<RequesterDirectory>();
            if (given.IsKeySet)
                await directory.ReplaceKeySetAsync(parsed.GetRequiredValue(name), given.Content, AuditEntry.Operator, cancellationToken);
            else
                await directory.RotateAsync(parsed.GetRequiredValue(name), given.Kind, given.Lookup, given.Content, given.EndsBy(Lifetime.EndOf(lifetime, TimeProvider.System.GetUtcNow())), rest, AuditEntry.Operator, cancellationToken);
            return Print(given, services);
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
            await services.GetRequiredService<RequesterDirectory>().RevokeAsync(parsed.GetRequiredValue(name), AuditEntry.Operator, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Prints what is to be handed on, and what still keeps the node from taking the proof.</summary>
    private static int Print(NewProof proof, ServiceProvider services)
    {
        if (proof.Printed is { } printed)
            Console.WriteLine(printed);
        if (!services.GetRequiredService<AuthOptions>().Takes(proof.Mode))
        {
            Console.Error.WriteLine($"lazaret: the node does not take this yet: add {proof.Mode} to Lazaret:Auth:Modes");
        }
        else if (proof.Kind == CredentialKind.Certificate)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(proof.Content);
            if (services.GetRequiredService<CertificateJudge>().FaultOf(certificate) is { } fault)
                Console.Error.WriteLine($"lazaret: it is registered, and the node would refuse it now. {fault}");
        }

        return ExitCodes.Done;
    }

    private static Argument<string> Name() => new("NAME") { Description = "as audit and projects name it" };
}
