using System.CommandLine;
using System.Text.Json;
using Lazaret.Node.Audit;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cli.Programs;

/// <summary>What the registries of models and of analyses have in common on the command line.</summary>
internal static class ProgramCommands
{
    private static string Noun(ProgramKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    public static Command Add(Settings settings, ProgramKind kind, Func<IServiceProvider, string, CancellationToken, Task<RegisteredProgram>> addAsync)
    {
        var manifest = new Argument<string>("MANIFEST") { Description = "the manifest; the image is in the same folder" };
        var command = new Command("add", $"Register one {Noun(kind)}, with its image pinned by digest.") { manifest };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken, StateUse.MakesNamed);
            var program = await addAsync(services, parsed.GetRequiredValue(manifest), cancellationToken);
            Console.WriteLine($"{program.Name} {program.Digest}");
            // On stderr: stdout is for scripts. Without WORK_DIR the registry depends on the folder that the command is run in.
            Console.Error.WriteLine($"Registered in {Registry(services)}. To use another registry, set WORK_DIR or Lazaret:State.");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>On stderr, under an empty list.</summary>
    public static void SayHowToAdd(string programs) => Console.Error.WriteLine($"No {programs} to list. To add one: lazaret {programs} add MANIFEST");

    private static string Registry(ServiceProvider services)
    {
        var state = services.GetRequiredService<StateFolder>().Root;
        return services.GetRequiredService<DatabaseOptions>().Provider == DatabaseOptions.Postgres ? $"the PostgreSQL database, with its image in {state}" : state;
    }

    public static Command Show(Settings settings, ProgramKind kind)
    {
        var key = new Argument<string>("KEY") { Description = "its key" };
        var command = new Command("show", "The manifests of its versions.") { key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            foreach (var program in await FindAsync(services, kind, parsed.GetRequiredValue(key), cancellationToken))
                Console.WriteLine($"# {program.Name} {program.Digest}, added {program.AddedAt:u}, signed by {program.SignedBy ?? "nobody"}\n{program.Manifest.TrimEnd()}\n");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Remove(Settings settings, ProgramKind kind)
    {
        var name = new Argument<string>("KEY@VERSION") { Description = "the version to take out" };
        var command = new Command("remove", "Take a version out of the registry.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(name);
            if (text.Split('@') is not [var key, var version])
                throw new InputException($"{text}: must be KEY@VERSION");
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            if (!await services.GetRequiredService<ProgramRegistry>().RemoveAsync(kind, key, version, AuditEntry.Operator, cancellationToken))
                throw new InputException($"{text}: there is no such {Noun(kind)}");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Verify(Settings settings, ProgramKind kind)
    {
        var key = new Argument<string?>("KEY") { Description = "one alone; all without it", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Compute the digests of the registered images again, and check their signatures.") { key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var registry = services.GetRequiredService<ProgramRegistry>();
            var good = true;
            foreach (var program in await FindAsync(services, kind, parsed.GetValue(key), cancellationToken))
            {
                var fault = registry.FaultOf(program);
                Console.WriteLine($"{program.Name}: {fault ?? "as registered"}");
                good &= fault is null;
            }

            return good ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }

    private static async Task<IReadOnlyList<RegisteredProgram>> FindAsync(
        IServiceProvider services, ProgramKind kind, string? key, CancellationToken cancellationToken)
    {
        var programs = await services.GetRequiredService<ProgramRegistry>().ListAsync(kind, cancellationToken);
        List<RegisteredProgram> found = [.. programs.Where(program => key is null || program.Key == key).OrderBy(program => program.Name, StringComparer.Ordinal)];
        return found.Count > 0 || key is null ? found : throw new InputException($"{key}: there is no such {Noun(kind)}");
    }
}
