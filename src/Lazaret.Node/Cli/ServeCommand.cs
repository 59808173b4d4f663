using System.CommandLine;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;

namespace Lazaret.Node.Cli;

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
            var addresses = ListenAddresses.Read(parsed.GetValue(urls) ?? configuration["urls"], options.Auth);
            await using var node = await NodeHost.BuildAsync(options, configuration, addresses, Enum.Parse<NodeRole>(parsed.GetValue(role)!, ignoreCase: true), cancellationToken);
            await node.RunAsync(cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }
}
