using System.CommandLine;
using Lazaret.Node.Cli.Attack;
using Lazaret.Node.Cli.Cohorts;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Cli.Init;
using Lazaret.Node.Cli.Programs;
using Lazaret.Node.Cli.Projects;
using Lazaret.Node.Cli.Requesters;
using Lazaret.Node.Cli.Released;
using Lazaret.Node.Cli.Serve;
using Lazaret.Node.Cli.Site;
using Lazaret.Node.Cli.Webhooks;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage.Faults;

namespace Lazaret.Node.Cli;

/// <summary>The commands of <c>lazaret</c>, and what their exit codes mean.</summary>
internal static class CommandLine
{
    private const string Config = "--config";

    /// <summary>Parses, runs, and turns what went wrong into one line on stderr and an exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            return await ParseAndRunAsync(arguments);
        }
        catch (InputException e)
        {
            await WriteLinesAsync(e.Message);
            return ExitCodes.BadInput;
        }
        catch (MissingException e)
        {
            await WriteLinesAsync(e.Message);
            return ExitCodes.Missing;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e)
        {
            // The machine: a port in use, a full disk, a folder that may not be read. The stack is for those who ask for it.
            await WriteLinesAsync(Environment.GetEnvironmentVariable("LAZARET_TRACE") is null ? $"{DatabaseWords.Of(e).Split('\n')[0]}{(DatabaseWords.MendOf(e) is { } mend ? $": {mend}" : "")} (LAZARET_TRACE=1 shows where)" : e.ToString());
            return ExitCodes.Missing;
        }
    }

    private static async Task<int> ParseAndRunAsync(string[] arguments)
    {
        var (settings, words) = SplitSettings(arguments);
        var root = new RootCommand("Lazaret: a node that lets questions travel to a hospital's data, and only safe answers leave.")
        {
            // For --help alone: it is taken off before, wherever it stands.
            new Option<string>(Config) { Description = "the node's configuration: an environment file as systemd reads it, or JSON", HelpName = "FILE", Recursive = true },
            InitCommand.Create(settings),
            ServeCommand.Create(settings),
            MigrateCommand.Create(settings),
            DoctorCommand.Create(settings),
            CohortCommands.Create(settings),
            SiteCommands.Create(settings),
            NiftiCommands.Create(),
            FhirCommands.Create(),
            ModelCommands.Create(settings),
            AnalysisCommands.Create(settings),
            JobCommands.Create(settings),
            WebhookCommands.Create(settings),
            SandboxCommands.Create(settings),
            AuditCommands.Create(settings),
            KeyCommands.Create(settings),
            RequesterCommands.Create(settings),
            ProjectCommands.Create(settings),
            PeopleCommands.Create(settings),
            ReviewCommands.Create(settings),
            ReceiptCommands.Create(settings),
            PurgeCommand.Create(settings),
            CompactCommand.Create(settings),
            BackupCommands.Backup(settings),
            BackupCommands.Restore(settings),
            DemoCommand.Create(settings),
            AttackCommand.Create(settings),
        };
        var parsed = root.Parse(words);
        if ((ParseFaults.OfHelp(parsed) ?? (parsed.Errors.Count > 0 ? ParseFaults.Of(parsed) : null)) is { } faults)
        {
            await WriteLinesAsync(faults);
            return ExitCodes.BadInput;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // A node that is asked to stop takes as long as Runs:DrainSeconds says; the default kills it after two seconds.
            ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
        });
    }

    // --config FILE, --Lazaret:KEY=VALUE and --ConnectionStrings:NAME=VALUE go to the configuration, the rest to the commands.
    private static (Settings Settings, string[] Words) SplitSettings(string[] arguments)
    {
        string? file = null;
        var settings = new List<string>();
        var words = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == Config || arguments[i].StartsWith($"{Config}=", StringComparison.Ordinal))
            {
                file = arguments[i].Split('=', 2) is [_, var given] ? given : i + 1 < arguments.Length ? arguments[++i] : throw new InputException($"{Config}: needs a file");
                continue;
            }

            var isSetting = arguments[i].StartsWith($"--{NodeOptions.Section}:", StringComparison.OrdinalIgnoreCase)
                || arguments[i].StartsWith("--ConnectionStrings:", StringComparison.OrdinalIgnoreCase);
            (isSetting ? settings : words).Add(arguments[i]);
            if (!isSetting || arguments[i].Contains('=', StringComparison.Ordinal))
                continue;
            settings.Add(i + 1 < arguments.Length ? arguments[++i] : throw new InputException($"{arguments[i]}: needs a value"));
        }

        return (new Settings(settings, file), [.. words]);
    }

    private static async Task WriteLinesAsync(string message)
    {
        foreach (var line in message.Split('\n'))
            await Console.Error.WriteLineAsync($"lazaret: {line}{(ProcessUser.Taken is { } user ? WordsOfDenied(line, user, NodeSettings.Taken) : "")}");
    }

    /// <summary>What is added to a message of something that may not be used, where the command has given up root's rights; otherwise nothing.</summary>
    /// <param name="state">The state folder whose owner the command goes on as.</param>
    internal static string WordsOfDenied(string line, string user, string state)
    {
        if (!IsDenied(line))
            return "";
        // A folder that is deleted, with whatever it is full of, is the node's own.
        return line.Contains($"{state}/", StringComparison.Ordinal) || line.Contains(FolderDeletion.Refusal, StringComparison.Ordinal)
            ? $". This command goes on as user {user}, to whom the state folder belongs, and something in it belongs to somebody else: chown -R --reference={state} {state}"
            : $". This command goes on as user {user}, to whom the state folder belongs: name a place that they may use";

        // So .NET, the kernel and RegularFile say it.
        static bool IsDenied(string line) => ((string[])[" is denied", "Permission denied", "may not be read"]).Any(words => line.Contains(words, StringComparison.Ordinal));
    }
}
