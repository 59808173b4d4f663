using System.CommandLine;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Spectre.Console;

namespace Lazaret.Node.Cli.Init;

/// <summary>Writes a configuration that starts. What no option says is asked for on a terminal, and has a default elsewhere.</summary>
internal static class InitCommand
{
    public static Command Create(Settings settings)
    {
        var folder = new Argument<string>("DIR") { Description = "the folder of the configuration, from which the node is then run", DefaultValueFactory = _ => "." };
        var production = new Option<bool>("--production") { Description = "with authentication and TLS, for others to reach" };
        var site = new Option<string?>("--site") { Description = "the institution's name", HelpName = "NAME" };
        var data = new Option<string?>("--data") { Description = "the folder of the data view; without it an empty one is made", HelpName = "VIEW" };
        var host = new Option<string?>("--host") { Description = "the name by which others reach the node", HelpName = "NAME" };
        var port = new Option<int?>("--port") { Description = "1 to 65535", HelpName = "PORT" };
        var certificate = new Option<string?>("--certificate") { Description = "the host's certificate with its chain, PEM; without it one is made that nobody but you trusts", HelpName = "FILE" };
        var key = new Option<string?>("--key") { Description = "the certificate's private key, PEM", HelpName = "FILE" };
        var auth = new Option<string>("--auth")
        {
            Description = $"how requesters say who they are: any of {string.Join(", ", AuthModes.All)}; what a mode needs is given as --Lazaret:Auth:KEY=VALUE, or asked for",
            DefaultValueFactory = _ => AuthModes.Key,
            HelpName = "MODES",
        };
        var proof = new Option<string?>("--operator-certificate") { Description = "with the mode mtls: the first operator's client certificate, in place of a key", HelpName = "FILE" };
        var first = new Option<string?>("--operator") { Description = "the name of the first operator", HelpName = "NAME" };
        var command = new Command("init", "Write a configuration that starts: keys, the first operator, authentication, TLS.")
        {
            folder, production, site, data, host, port, certificate, key, auth, first, proof,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var forOthers = ((Option[])[host, certificate, key, auth, first, proof]).Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name).ToList();
            if (!parsed.GetValue(production) && forOthers.Count > 0)
                throw new InputException($"{string.Join(", ", forOthers)}: for others to reach the node, give --production as well");
            var modes = parsed.GetRequiredValue(auth).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var given = settings.Given.ToList();
            if (IsTerminal)
                given.AddRange(ModeQuestions.Ask(modes, given, question => Ask(question)));
            var plan = new NodePlan
            {
                Modes = modes,
                Given = given,
                OperatorCertificate = parsed.GetValue(proof),
                Production = parsed.GetValue(production),
                Site = parsed.GetValue(site) ?? Ask("The institution's name", "Site"),
                Data = parsed.GetValue(data),
                Host = parsed.GetValue(production) ? parsed.GetValue(host) ?? Ask("The name by which others reach the node", Environment.MachineName.ToLowerInvariant()) : "127.0.0.1",
                Port = parsed.GetValue(port) ?? (parsed.GetValue(production) ? 8443 : 8080),
                Certificate = parsed.GetValue(certificate),
                Key = parsed.GetValue(key),
                GivenVariables = settings.GivenVariables,
                Operator = parsed.GetValue(first) ?? "admin",
            };
            var target = Path.GetFullPath(parsed.GetRequiredValue(folder));
            plan.Check(target);
            var operatorProof = plan.OperatorProof();
            await using var services = await BeginAsync(plan, target, settings, cancellationToken);
            foreach (var line in plan.Next(target, services.GetRequiredService<IKeyRingSource>().Place))
                await Console.Error.WriteLineAsync(line);
            if (plan.Production && await FindNoSandboxAsync(services, cancellationToken) is { } lacking)
                await Console.Error.WriteLineAsync($"Before: here, and as this user, the start would be refused: {lacking}");
            if (plan.Production)
                await AddOperatorAsync(plan, operatorProof, services, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>
    /// Files, keys and database of the node. Where that fails nothing is left: it would be in the way of the same command, once its cause is mended. From the moment when the database, which may be
    /// elsewhere, has taken the keys up, they stay.
    /// </summary>
    private static async Task<ServiceProvider> BeginAsync(NodePlan plan, string target, Settings settings, CancellationToken cancellationToken)
    {
        var undone = new UndoneFolder(target);
        ServiceProvider? services = null;
        try
        {
            plan.Write(target, TimeProvider.System.GetUtcNow());
            // From here on with what was just written, as the node will read it.
            Directory.SetCurrentDirectory(target);
            services = settings.OpenHere();
            services.GetRequiredService<StateFolder>().Create();
            if (services.GetRequiredService<IKeyRingSource>() is KeyFile file && !file.Exists)
                file.Make();
            services.GetRequiredService<KeyGuard>().RequireToBegin();
            if (services.GetRequiredService<NodeOptions>().Queue.Provider == QueueOptions.Redis)
                services.GetRequiredService<RedisConnection>().Read();
            await services.GetRequiredService<DatabaseMigration>().RunAsync(force: true, cancellationToken);
            await services.GetRequiredService<SigningKeyFile>().FindOrMakeAsync(cancellationToken);
            await services.GetRequiredService<KeyGuard>().StartAsync(cancellationToken);
            return services;
        }
        catch
        {
            if (services is not null)
                await services.DisposeAsync();
            undone.Undo();
            throw;
        }
    }

    /// <summary>Why no sandbox runs here; null where one does. The node may run as another user, or in a unit with a control group of its own.</summary>
    private static async Task<string?> FindNoSandboxAsync(ServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<SandboxBackends>().ChooseAsync(cancellationToken);
            return null;
        }
        catch (SandboxException e)
        {
            return e.Message;
        }
    }

    private static async Task AddOperatorAsync(NodePlan plan, NewProof? proof, ServiceProvider services, CancellationToken cancellationToken)
    {
        if (proof is not null)
        {
            await services.GetRequiredService<RequesterDirectory>().AddAsync(plan.Operator, Roles.Operator, proof.Kind, proof.Lookup, proof.Content, proof.Until, AuditEntry.Operator, cancellationToken);
            await Console.Error.WriteLineAsync(proof.Kind == CredentialKind.Key
                ? $"The API key of {plan.Operator}, who is an operator; it is shown this once:"
                : $"{plan.Operator} is an operator, by the certificate with this SHA-256 fingerprint:");
            Console.WriteLine(proof.Printed);
        }
        else if (plan.Modes.Contains(AuthModes.Accounts))
        {
            var secret = await services.GetRequiredService<PeopleDirectory>().AddAsync(plan.Operator, Roles.Operator, AuditEntry.Operator, cancellationToken);
            await Console.Error.WriteLineAsync($"The link by which {plan.Operator}, who is an operator, sets up how they sign in, once and within a day:");
            Console.WriteLine($"{plan.Url}/sign-in/setup#{secret}");
        }
        else
        {
            await Console.Error.WriteLineAsync(plan.Modes.Contains(AuthModes.Jwt) || plan.Modes.Contains(AuthModes.Oidc)
                ? "No operator is registered: it is whoever the issuer or provider says, and whoever runs commands on this machine."
                : "No operator is registered: it is whoever runs commands on this machine.");
        }
    }

    private static bool IsTerminal => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    private static string Ask(string what, string otherwise) => IsTerminal ? Printing.Terminal.Error.Prompt(new TextPrompt<string>($"{what}:").DefaultValue(otherwise)) : otherwise;

    private static string Ask(string what) => Printing.Terminal.Error.Prompt(new TextPrompt<string>($"{what}:"));
}
