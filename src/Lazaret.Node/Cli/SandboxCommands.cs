using System.CommandLine;
using Lazaret.Node.Sandboxes.MicroVm;

namespace Lazaret.Node.Cli;

internal static class SandboxCommands
{
    public static Command Create(Settings settings) => new("sandbox", "What sandboxes need beforehand.") { Build(settings) };

    private static Command Build(Settings settings)
    {
        var command = new Command("build", "Make the virtual machine's kernel and initramfs out of the distribution's kernel package.");
        command.SetAction(async (_, cancellationToken) =>
        {
            var state = settings.Enter(StateUse.MakesNamed).Options.StateFolder();
            state.Create();
            var system = await new GuestBuild(state.MicroVm).RunAsync(step => Console.Error.WriteLine($"lazaret: {step}"), cancellationToken);
            Console.WriteLine($"{system.Release} kernel sha256:{system.Kernel} initramfs sha256:{system.Initramfs}");
            return ExitCodes.Done;
        });
        return command;
    }
}
