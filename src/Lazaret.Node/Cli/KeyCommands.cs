using System.CommandLine;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Spectre.Console;

namespace Lazaret.Node.Cli;

/// <summary>Commands for the operator: the keys that seal what the node stores.</summary>
internal static class KeyCommands
{
    public static Command Create(Settings settings) => new("keys", "The keys that seal what the node stores.") { Init(settings), Rotate(settings) };

    private static Command Init(Settings settings)
    {
        var print = new Option<bool>("--print") { Description = "print a new ring, for an environment variable or a vault, and write nothing" };
        var command = new Command("init", "Make a key file that its owner alone may read.") { print };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(print))
            {
                await using var stdout = Console.OpenStandardOutput();
                await stdout.WriteAsync((byte[])[.. KeyRing.Make(TimeProvider.System.GetUtcNow()).Write(), (byte)'\n'], cancellationToken);
                return ExitCodes.Done;
            }

            var node = settings.Enter(StateUse.MakesNamed);
            if (node.Options.Keys.Source != KeyOptions.FromFile)
                throw new InputException($"Lazaret:Keys:Source: is '{node.Options.Keys.Source}': 'lazaret keys init --print' prints a ring to put there");
            await using var services = Settings.Open(node);
            services.GetRequiredService<StateFolder>().Create();
            if (await services.GetRequiredService<DatabaseMigration>().FaultAsync(cancellationToken) is { } fault)
                throw new MissingException($"no key is made: {fault}");
            var file = (KeyFile)services.GetRequiredService<IKeyRingSource>();
            if (!file.Exists && await KeyExamination.FormerRingAsync(services, cancellationToken) is { } former)
                throw new MissingException($"no key is made: {former}");
            if (!file.Make())
                throw new InputException($"{file.Place}: is there already; 'lazaret keys rotate' adds a key to it");
            Console.WriteLine($"{file.Place}: a new key. Keep a copy apart from the backups: without it nothing that they hold can be read.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rotate(Settings settings)
    {
        var retire = new Option<bool>("--retire") { Description = "instead of adding a key, remove from the ring the keys that no stored record needs" };
        var command = new Command("rotate", "Add a key, and seal everything anew under it, while the node runs. An interrupted rotation is continued.") { retire };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            await services.GetRequiredService<KeyGuard>().StartAsync(cancellationToken);
            var rotation = services.GetRequiredService<KeyRotation>();
            return parsed.GetValue(retire)
                ? Say(await WithProgressAsync(progress => rotation.RetireAsync(progress, cancellationToken)))
                : Say(await WithProgressAsync(progress => rotation.RotateAsync(progress, cancellationToken)));
        });
        return command;
    }

    private static int Say(RotationOutcome outcome)
    {
        switch (outcome)
        {
            case RotationOutcome.NoNewKey none:
                Console.Error.WriteLine($"lazaret: {none.Place}: everything lies under its primary key: add a key to the ring there, name it as the primary, then run this again");
                return ExitCodes.No;
            case RotationOutcome.Rotated rotated:
                Console.WriteLine($"{(rotated.Resumed ? "continued: " : "")}records sealed anew under {rotated.Ring.Primary.Id}: {rotated.Records}");
                if (rotated.Ring.Keys.Count > 1)
                    Console.WriteLine($"'lazaret keys rotate --retire', {KeyRotation.Settling.TotalMinutes} minutes from now or later, takes the {rotated.Ring.Keys.Count - 1} older out of the ring. Backups made until now still need them.");
                return Say(rotated.Unopened);
            default:
                throw new InvalidOperationException($"unknown outcome {outcome.GetType().Name}");
        }
    }

    private static int Say(RetirementOutcome outcome)
    {
        switch (outcome)
        {
            case RetirementOutcome.Retired retired:
                Console.WriteLine($"out of the ring: {string.Join(", ", retired.Keys)}. Backups made under them need a copy of the ring as it was.");
                return ExitCodes.Done;
            case RetirementOutcome.NothingToRetire:
                Console.WriteLine("the ring holds the primary key alone");
                return ExitCodes.Done;
            case RetirementOutcome.TooEarly early:
                Console.Error.WriteLine($"lazaret: a running node may still be writing under an older key: run this again after {early.Until:u}");
                return ExitCodes.No;
            case RetirementOutcome.StillNeeded needed:
                return Say(needed.Unopened);
            case RetirementOutcome.NotOurs elsewhere:
                Console.Error.WriteLine($"lazaret: the ring is kept in {elsewhere.Place}: take the older keys out there, once 'lazaret keys rotate' finds nothing under them");
                return ExitCodes.No;
            default:
                throw new InvalidOperationException($"unknown outcome {outcome.GetType().Name}");
        }
    }

    private static int Say(IReadOnlyList<SealException> unopened)
    {
        foreach (var fault in unopened)
            Console.Error.WriteLine($"lazaret: {fault.Message}");
        return unopened.Count == 0 ? ExitCodes.Done : ExitCodes.No;
    }

    private static Task<T> WithProgressAsync<T>(Func<IProgress<RotationProgress>, Task<T>> work) => Terminal.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(context =>
        {
            var bar = context.AddTask("Sealing records");
            return work(new Progress<RotationProgress>(now =>
            {
                bar.MaxValue = Math.Max(1, now.Total);
                bar.Value = now.Done;
                bar.Description = $"{now.Done} of {now.Total} records";
            }));
        });
}
