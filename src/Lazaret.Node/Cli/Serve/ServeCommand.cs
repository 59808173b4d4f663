using System.CommandLine;
using Lazaret.Node.Identity;

namespace Lazaret.Node.Cli.Serve;

internal static class ServeCommand
{
    public static Command Create(Settings settings)
    {
        var role = new Option<string>("--role") { Description = "all, api (only admits) or work (only runs jobs)", DefaultValueFactory = _ => "all" };
        role.AcceptOnlyFromAmong("all", "api", "work");
        var urls = new Option<string>("--urls") { Description = "the addresses to listen on, separated by ';'" };
        var command = new Command("serve", "Run the node.") { role, urls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var configuration = settings.Configuration;
            var options = LazaretConfiguration.Read(configuration);
            var part = Enum.Parse<NodeRole>(parsed.GetValue(role)!, ignoreCase: true);
            // A worker answers probes alone.
            var addresses = ListenAddresses.Split(parsed.GetValue(urls) ?? (part == NodeRole.Work ? options.Health.WorkerUrls : configuration["urls"]));
            await using var node = await NodeHost.BuildAsync(options, configuration, addresses, part, cancellationToken);
            await node.StartAsync(cancellationToken);
            if (options.Logging.IsText)
                await new ServeSummary(node, options, part).WriteAsync(cancellationToken);
            await node.WaitForShutdownAsync(cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }
}
