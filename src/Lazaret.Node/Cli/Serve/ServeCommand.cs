using System.CommandLine;
using System.Runtime.InteropServices;
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
            var part = Enum.Parse<NodeRole>(parsed.GetValue(role)!, ignoreCase: true);
            var (_, configuration, options) = settings.Enter(StateUse.Makes, (configuration, options) =>
            {
                var asked = AddressesOf(configuration, options);
                return NodeHost.Faults(options, asked).Concat(NodeHost.FaultsBeside(options, configuration, asked, part));
            });
            var addresses = AddressesOf(configuration, options);
            await using var node = await NodeHost.BuildAsync(options, configuration, addresses, part, cancellationToken);
            // A terminal that is closed sends it, and so does who expects files to be read again: as on SIGTERM, what runs is ended or handed on.
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                node.Lifetime.StopApplication();
            });
            await node.StartAsync(cancellationToken);
            if (options.Logging.IsText)
                await new ServeSummary(node, options, part).WriteAsync(cancellationToken);
            await node.WaitForShutdownAsync(cancellationToken);
            return ExitCodes.Done;

            // A worker answers probes alone.
            string[] AddressesOf(IConfiguration from, NodeOptions options) => ListenAddresses.Split(parsed.GetValue(urls) ?? (part == NodeRole.Work ? options.Health.WorkerUrls : from["urls"]));
        });
        return command;
    }
}
