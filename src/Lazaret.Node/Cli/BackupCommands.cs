using System.CommandLine;
using System.Globalization;
using Lazaret.Node.Backups;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Cli;

/// <summary>Backups: of the database, whichever it is, and if asked for of the registered programs' images.</summary>
internal static class BackupCommands
{
    private const string Unknown =
        "What was withdrawn after the backup was made is not known: who was revoked since may ask again, and projects that were closed are open. "
        + "Look through 'lazaret requesters list', 'lazaret people list', 'lazaret projects list' and 'lazaret models list', and revoke, close and remove again, before a node starts.";

    public static Command Backup(Settings settings)
    {
        var file = new Argument<string>("file") { Description = "the backup" };
        var withImages = new Option<bool>("--with-images") { Description = "hold the images of registered models and analyses, too" };
        var command = new Command("backup", "Write a backup of the database, while the node runs.") { file, withImages, Verify() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = Path.GetFullPath(parsed.GetRequiredValue(file));
            if (Path.GetDirectoryName(target) is { } folder && !Directory.Exists(folder))
                throw new InputException($"{target}: there is no folder {folder}");
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            BackupManifest manifest;
            try
            {
                manifest = await services.GetRequiredService<DatabaseBackup>().WriteAsync(target, parsed.GetValue(withImages), await ViewOf(services, cancellationToken), cancellationToken);
            }
            catch (UnrestorableException e)
            {
                foreach (var fault in e.Faults)
                    await Console.Error.WriteLineAsync($"lazaret: the database {fault}: 'lazaret restore' will refuse this backup, and none is kept. 'lazaret doctor' says what mends it");
                return ExitCodes.No;
            }

            Print(target, manifest);
            Console.WriteLine($"Keep the key ring ({services.GetRequiredService<IKeyRingSource>().Place}) apart from it: what the backup holds of patients is sealed under its keys.");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Restore(Settings settings)
    {
        var file = new Argument<string>("file") { Description = "the backup" };
        var force = new Option<bool>("--force") { Description = "replace a database that holds anything" };
        var command = new Command("restore", "Put a backup in the database's place, while no node runs.") { file, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var source = Path.GetFullPath(parsed.GetRequiredValue(file));
            await using var services = Settings.Open(settings.Enter(StateUse.MakesNamed));
            var withdrawn = await services.GetRequiredService<BackupRestore>().RestoreAsync(source, parsed.GetValue(force), manifest => WarnOfMissing(services, manifest), cancellationToken);
            Console.WriteLine($"{source}: restored");
            Console.WriteLine(withdrawn is null ? Unknown : $"What was withdrawn after the backup was made stays so, as the database before had it: {string.Join(", ", withdrawn.Counts.Select(count => $"{count.What} {count.Rows}").DefaultIfEmpty("nothing was"))}.");
            await WarnOfMissingKeysAsync(services, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Verify()
    {
        var file = new Argument<string>("file") { Description = "the backup" };
        var command = new Command("verify", "Read a whole backup, and say whether it can be restored.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var source = Path.GetFullPath(parsed.GetRequiredValue(file));
            var (manifest, faults) = await BackupVerification.RunAsync(source, cancellationToken);
            foreach (var fault in faults)
                await Console.Error.WriteLineAsync($"lazaret: {source}: {fault}");
            if (faults.Count > 0)
                return ExitCodes.No;
            if (manifest is null)
                Console.WriteLine($"{source}: sound; it is a database alone, as a node's own and the backups of early versions are");
            else
                Print(source, manifest);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(string file, BackupManifest manifest)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {new FileInfo(file).Length >> 10} KiB, {manifest.Database}, schema {manifest.Schema}, by version {manifest.NodeVersion}, {manifest.Created:u}"));
        foreach (var absent in manifest.NotHeld)
            Console.WriteLine($"Not in it: {absent}");
    }

    private static async Task<BackupManifest.View?> ViewOf(IServiceProvider services, CancellationToken cancellationToken)
    {
        var site = services.GetRequiredService<CohortSite>();
        if (site.IsUnused)
            return null;
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        return new BackupManifest.View(site.Directory, (await db.AdmittedViews.AsNoTracking().FirstOrDefaultAsync(cancellationToken))?.Version);
    }

    // Before anything is changed: whoever sees it may still stop.
    private static void WarnOfMissing(IServiceProvider services, BackupManifest manifest)
    {
        var source = services.GetRequiredService<IKeyRingSource>();
        var ring = KeyExamination.Read(source, out _);
        foreach (var key in manifest.KeyRing.Where(key => ring?.Find(key.Id)?.Fingerprint() != key.Fingerprint))
            Say($"the key {key} is not in {source.Place}: put the copy of the key ring there");
        var images = services.GetRequiredService<BackupImages>();
        foreach (var program in manifest.Programs.Where(program => !program.ImageHeld && !images.IsHere(program)))
            Say($"the image of {program.Name} ({program.Digest}) is neither in the backup nor in {services.GetRequiredService<StateFolder>().Models}: copy it from the machine where it was added");
        if (manifest.DataView is { } view && services.GetRequiredService<CohortSite>() is var site && (site.IsUnused || !Directory.Exists(site.Directory)))
            Say($"the data view is not here; it was {view}: set Lazaret:Data:View");

        static void Say(string what) => Console.Error.WriteLine($"lazaret: still missing: {what}");
    }

    private static async Task WarnOfMissingKeysAsync(ServiceProvider services, CancellationToken cancellationToken)
    {
        var ring = KeyExamination.Read(services.GetRequiredService<IKeyRingSource>(), out _);
        if (await KeyExamination.FaultAsync(services, ring, cancellationToken) is { } fault)
            await Console.Error.WriteLineAsync($"lazaret: {fault}. No node starts before it is there");
    }
}
