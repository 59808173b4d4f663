using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Delivery;
using Spectre.Console;

namespace Lazaret.Node.Cli.Webhooks;

internal static class WebhookCommands
{
    private const int MaxListed = 10_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };

    public static Command Create(Settings settings) => new("webhooks", "What requesters were told, or could not be told.")
    {
        List(settings),
        Show(settings),
        Redeliver(settings),
        WebhookEndpointCommands.Create(settings),
        WebhookSecretCommands.Create(settings),
    };

    private static Command List(Settings settings)
    {
        var state = new Option<string?>("--state") { Description = "pending, delivered or failed; otherwise all" };
        state.AcceptOnlyFromAmong("pending", "delivered", "failed");
        var limit = new Option<int>("--limit") { Description = $"how many at most: 1 to {MaxListed}", DefaultValueFactory = _ => 50 };
        var json = new Option<bool>("--json") { Description = "one line of JSON each, with every attempt" };
        var command = new Command("list", "The latest deliveries, the newest first.") { state, limit, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(limit) is var most && most is < 1 or > MaxListed)
                throw new InputException($"--limit: {most} is outside 1 to {MaxListed}");
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            DeliveryState? only = parsed.GetValue(state) is { } name ? Enum.Parse<DeliveryState>(name, ignoreCase: true) : null;
            var deliveries = await services.GetRequiredService<DeliveryLog>().ListAsync(only, most, cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var delivery in deliveries)
                    Console.WriteLine(JsonSerializer.Serialize(Describe(delivery), Json));
                return ExitCodes.Done;
            }

            var table = new Table().RoundedBorder().AddColumns("id", "event", "job", "host", "state", "attempts", "last", "next");
            foreach (var delivery in deliveries)
            {
                table.AddTexts(
                    delivery.Delivery.MessageId,
                    delivery.Delivery.Type,
                    delivery.Delivery.JobId.ToString(),
                    delivery.Host,
                    Name(delivery.Delivery.State),
                    delivery.Delivery.Attempts.ToString(CultureInfo.InvariantCulture),
                    delivery.Attempts is [.., var last] ? $"{Name(last.Ending)} {last.Status}" : "",
                    delivery.Delivery.State == DeliveryState.Pending ? Instants.ToSecond(delivery.Delivery.DueAt) : "");
            }

            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Settings settings)
    {
        var id = IdArgument();
        var command = new Command("show", "Every attempt at a delivery.") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (text, wanted) = (parsed.GetRequiredValue(id), ReadId(parsed.GetRequiredValue(id)));
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var found = await services.GetRequiredService<DeliveryLog>().FindAsync(wanted, cancellationToken) ?? throw NoSuch(text);
            var table = new Table().RoundedBorder().AddColumns("attempt", "at", "end", "status", "ms");
            foreach (var attempt in found.Attempts)
            {
                table.AddTexts(
                    attempt.Attempt.ToString(CultureInfo.InvariantCulture),
                    Instants.ToSecond(attempt.At),
                    Name(attempt.Ending),
                    attempt.Status?.ToString(CultureInfo.InvariantCulture) ?? "",
                    attempt.Milliseconds.ToString(CultureInfo.InvariantCulture));
            }

            Console.WriteLine($"{found.Delivery.Type} to {found.Host}: {Name(found.Delivery.State)}");
            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Redeliver(Settings settings)
    {
        var id = IdArgument();
        var command = new Command("redeliver", "Deliver again, whatever became of it: at once if a node runs, with all retries.") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (text, wanted) = (parsed.GetRequiredValue(id), ReadId(parsed.GetRequiredValue(id)));
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            switch (await services.GetRequiredService<DeliveryQueue>().RedeliverAsync(wanted, AuditEntry.Operator, cancellationToken))
            {
                case null:
                    throw NoSuch(text);
                case Redelivery.Disabled disabled:
                    await Console.Error.WriteLineAsync($"lazaret: its endpoint is disabled: 'lazaret webhooks endpoints set {disabled.Endpoint} --enabled true' enables it again");
                    return ExitCodes.No;
                default:
                    return ExitCodes.Done;
            }
        });
        return command;
    }

    private static Argument<string> IdArgument() => new("ID") { Description = "the delivery: its webhook-id, as 'lazaret webhooks list' shows it" };

    private static Guid ReadId(string text) =>
        text.StartsWith(WebhookDelivery.IdPrefix, StringComparison.Ordinal) && Guid.TryParseExact(text[WebhookDelivery.IdPrefix.Length..], "N", out var id) ? id : throw NoSuch(text);

    private static InputException NoSuch(string id) => new($"{id}: there is no such delivery; 'lazaret webhooks list' shows them");

    private static object Describe(LoggedDelivery logged) => new
    {
        id = logged.Delivery.MessageId,
        type = logged.Delivery.Type,
        job_id = logged.Delivery.JobId,
        host = logged.Host,
        endpoint = logged.Delivery.EndpointId,
        state = logged.Delivery.State,
        created_at = logged.Delivery.CreatedAt,
        due_at = logged.Delivery.State == DeliveryState.Pending ? logged.Delivery.DueAt : (DateTimeOffset?)null,
        attempts = logged.Attempts.Select(attempt => new { attempt.Attempt, attempt.At, attempt.Ending, attempt.Status, attempt.Milliseconds }),
    };

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
