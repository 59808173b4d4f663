using System.CommandLine;
using System.Text.Json;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs.Logs;

namespace Lazaret.Node.Cli;

internal static class JobCommands
{
    public static Command Create(Settings settings) => new("jobs", "Jobs, for operators.") { Log(settings) };

    private static Command Log(Settings settings)
    {
        var job = new Argument<Guid>("JOB") { Description = "the job's id" };
        var command = new Command("log", "What a job's program printed, attempt by attempt. It may hold patients' data: the audit says who read it.") { job };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var id = parsed.GetRequiredValue(job);
            var attempts = await services.GetRequiredService<JobLogs>().ReadAsync(id, AuditEntry.Operator, cancellationToken) ?? throw new InputException($"JOB: there is no job {id}");
            if (attempts.Count == 0)
                Console.WriteLine("It has not run yet.");
            foreach (var (run, text) in attempts)
            {
                Console.WriteLine($"# attempt {run.Attempt}, {run.StartedAt:u}, {run.Backend}, {(run.Ending is { } ending ? JsonNamingPolicy.SnakeCaseLower.ConvertName(ending.ToString()) : "running")}");
                if (text is null)
                    Console.WriteLine("# nothing is kept of what it printed");
                else
                    Print(text, Console.Out);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What a program printed, each line behind a bar, so that none can pass for the node's own. The console escapes what would not show.</summary>
    public static void Print(string log, TextWriter output)
    {
        foreach (var line in log.TrimEnd('\n').Split('\n'))
            output.WriteLine($"| {line.TrimEnd('\r')}");
    }
}
