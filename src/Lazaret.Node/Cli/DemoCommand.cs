using System.CommandLine;
using Lazaret.Node.Cli.Demo;

namespace Lazaret.Node.Cli;

internal static class DemoCommand
{
    public static Command Create(Settings settings)
    {
        var stay = new Option<bool>("--stay") { Description = "keep the node up afterwards" };
        var command = new Command("demo", "Make a synthetic site, ask both kinds of question over HTTP, and show the answers beside the planted truth.") { stay };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var demo = await DemoNode.StartAsync(settings, cancellationToken);
            var tour = new DemoTour(demo, parsed.GetValue(stay));
            var asExpected = await tour.RunAsync(cancellationToken);
            if (parsed.GetValue(stay))
                await demo.StayAsync(cancellationToken);
            return asExpected ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }
}
