using System.CommandLine;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Delivery;
using Lazaret.Node.Identity;
using Lazaret.Node.Keys;
using Spectre.Console;

namespace Lazaret.Node.Cli.Webhooks;

internal static class WebhookSecretCommands
{
    public static Command Create(Settings settings) => new("secret", "What a requester's webhooks are signed with.")
    {
        List(settings),
        Rotate(settings),
    };

    public static Option<string> RequesterOption() => new("--requester") { Description = "whose", DefaultValueFactory = _ => Requester.Local.Name };

    private static Command List(Settings settings)
    {
        var requester = RequesterOption();
        var command = new Command("list", "The secrets that sign now, by age: never the secrets themselves.") { requester };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var table = new Table().RoundedBorder().AddColumns("id", "made", "signs until");
            foreach (var secret in await services.GetRequiredService<WebhookSecrets>().ListAsync(parsed.GetRequiredValue(requester), cancellationToken))
                table.AddTexts(secret.Id.ToString(), Instants.ToSecond(secret.CreatedAt), secret.ExpiresAt is { } end ? Instants.ToSecond(end) : "the next rotation");
            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rotate(Settings settings)
    {
        var requester = RequesterOption();
        var overlap = new Option<int>("--overlap-hours") { Description = $"how long the secrets before it go on signing: 0 to {WebhookSecrets.MaxOverlapHours}", DefaultValueFactory = _ => 24 };
        var command = new Command("rotate", "Make a new secret, the first one included, and print it: this once.") { requester, overlap };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(overlap) is var hours && hours is < 0 or > WebhookSecrets.MaxOverlapHours)
                throw new InputException($"--overlap-hours: {hours} is outside 0 to {WebhookSecrets.MaxOverlapHours}");
            await using var services = await settings.OpenNodeAsync(cancellationToken, StateUse.MakesNamed);
            await services.GetRequiredService<KeyGuard>().StartAsync(cancellationToken);
            Console.WriteLine(await services.GetRequiredService<WebhookSecrets>().RotateAsync(parsed.GetRequiredValue(requester), TimeSpan.FromHours(hours), AuditEntry.Operator, cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }
}
