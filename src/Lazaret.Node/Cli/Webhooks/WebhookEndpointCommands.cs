using System.CommandLine;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Delivery;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Keys;
using Spectre.Console;

namespace Lazaret.Node.Cli.Webhooks;

internal static class WebhookEndpointCommands
{
    public static Command Create(Settings settings) => new("endpoints", "The URLs that requesters want to be told at.")
    {
        List(settings),
        Add(settings),
        Set(settings),
    };

    private static Command List(Settings settings)
    {
        var command = new Command("list", "Every endpoint; of its URL only the host, for the rest may be a token.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var table = new Table().RoundedBorder().AddColumns("id", "requester", "host", "enabled", "legacy signature");
            foreach (var endpoint in await services.GetRequiredService<WebhookEndpoints>().ListAsync(cancellationToken))
            {
                table.AddTexts(
                    endpoint.Id.ToString(),
                    endpoint.Requester,
                    endpoint.Host,
                    endpoint.DisabledAt is null ? "yes" : "no",
                    endpoint.LegacySignature ? "yes" : "no");
            }

            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Add(Settings settings)
    {
        var url = new Argument<string>("URL") { Description = "as the requester will send it" };
        var requester = WebhookSecretCommands.RequesterOption();
        var command = new Command("add", "Make an endpoint before its first use, to set it up; prints its id.") { url, requester };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken, StateUse.MakesNamed);
            var read = WebhookUrl.Read(parsed.GetRequiredValue(url), services.GetRequiredService<WebhookAddresses>(), out var fault)
                ?? throw new InputException($"URL: {fault!.Message}");
            await services.GetRequiredService<KeyGuard>().StartAsync(cancellationToken);
            Console.WriteLine((await services.GetRequiredService<WebhookEndpoints>().FindOrAddAsync(parsed.GetRequiredValue(requester), read, cancellationToken)).Id);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Set(Settings settings)
    {
        var id = new Argument<Guid>("ID") { Description = "the endpoint" };
        var enabled = new Option<bool?>("--enabled") { Description = "false delivers nothing there; true delivers again, also after a 410" };
        var legacy = new Option<bool?>("--legacy-signature") { Description = $"true adds {WebhookSignature.LegacyHeader}, for bots written for CliniSandbox" };
        var command = new Command("set", "Change an endpoint.") { id, enabled, legacy };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            return await services.GetRequiredService<WebhookEndpoints>().ChangeAsync(parsed.GetRequiredValue(id), parsed.GetValue(enabled), parsed.GetValue(legacy), AuditEntry.Operator, cancellationToken)
                ? ExitCodes.Done
                : throw new InputException($"{parsed.GetRequiredValue(id)}: there is no such endpoint; 'lazaret webhooks endpoints list' shows them");
        });
        return command;
    }
}
