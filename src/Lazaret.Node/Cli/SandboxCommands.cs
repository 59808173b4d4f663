using System.CommandLine;
using Lazaret.Node.Configuration;
using Lazaret.Node.Sandboxes.MicroVm;
using Lazaret.Node.Storage;
using Spectre.Console;

namespace Lazaret.Node.Cli;

internal static class SandboxCommands
{
    public static Command Create(Settings settings) => new("sandbox", "What sandboxes need beforehand.") { Build(settings) };

    private static Command Build(Settings settings)
    {
        var command = new Command("build", "Make the virtual machine's kernel and initramfs out of the distribution's kernel package.");
        command.SetAction(async (_, cancellationToken) =>
        {
            var state = new StateFolder(LazaretConfiguration.Read(settings.Configuration).State);
            state.Create();
            var system = await AnsiConsole.Status().StartAsync(
                "looking for the kernel package",
                status => new GuestBuild(state.MicroVm).RunAsync(what => Say(status, what), cancellationToken));
            Console.WriteLine($"{system.Release} kernel sha256:{system.Kernel} initramfs sha256:{system.Initramfs}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Say(StatusContext status, string what)
    {
        status.Status = what;
        Console.Error.WriteLine($"lazaret: {what}");
    }
}
