using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Reviews;
using Lazaret.Node.Releases.Reviews;
using Spectre.Console;

namespace Lazaret.Node.Cli.Released;

/// <summary>Held results, decided on this machine. Everybody at the command line is one steward: where two must approve, one of them does it over HTTP.</summary>
internal static class ReviewCommands
{
    public static Command Create(Settings settings) => new("review", "Results that wait for a steward.")
    {
        List(settings),
        Show(settings),
        Decide(settings, ReviewVerdict.Approve, "Let a held result go, unless a control keeps it that nobody overrules."),
        Decide(settings, ReviewVerdict.Reject, "Keep a held result for good."),
        Decide(settings, ReviewVerdict.Ask, "Ask the requester something; the result stays held."),
    };

    private static Command List(Settings settings)
    {
        var json = new Option<bool>("--json") { Description = "a JSON array" };
        var command = new Command("list", "What waits, the oldest first.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var waiting = (await services.GetRequiredService<ReviewDesk>().ListAsync(AuditEntry.Operator, cancellationToken)).Select(found => new HeldResult(found, AuditEntry.Operator)).ToList();
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(waiting));
                return ExitCodes.Done;
            }

            var table = new Table().RoundedBorder().AddColumns("job", "since", "requester", "project", "held because", "your decision");
            foreach (var held in waiting)
                table.AddTexts($"{held.JobId}", Instants.ToMinute(held.Since), held.Requester, held.Project ?? "", held.ReasonWords, held.YourDecision ?? "");
            if (waiting.Count == 0)
                Console.WriteLine("Nothing waits.");
            else
                AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Settings settings)
    {
        var job = Job();
        var json = new Option<bool>("--json") { Description = "one JSON line" };
        var command = new Command("show", "What was asked, why it is held, and what it would cost; never the result.") { job, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var found = await services.GetRequiredService<ReviewDesk>().FindAsync(parsed.GetRequiredValue(job), AuditEntry.Operator, cancellationToken) ?? throw Unknown(parsed.GetRequiredValue(job));
            var answer = new ReviewAnswer(found, AuditEntry.Operator);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(answer));
                return ExitCodes.Done;
            }

            var table = new Table().RoundedBorder().HideHeaders().AddColumns("", "");
            foreach (var (name, value) in LinesOf(answer))
                table.AddTexts(name, value);
            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Decide(Settings settings, ReviewVerdict verdict, string description)
    {
        var job = Job();
        var why = new Option<string?>("--why") { Description = verdict == ReviewVerdict.Ask ? "the question; its requester reads it" : "the reason; other stewards read it", Required = verdict != ReviewVerdict.Approve };
        var command = new Command(verdict.ToString().ToLowerInvariant(), description) { job, why };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (id, words) = (parsed.GetRequiredValue(job), parsed.GetValue(why) ?? "");
            if (ReviewWord.FindFault(verdict, words) is { } fault)
                throw new InputException($"--why: {fault}");
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            switch (await services.GetRequiredService<ReviewRuling>().DecideAsync(id, AuditEntry.Operator, verdict, words, cancellationToken))
            {
                case ReviewOutcome.Counted { Missing: > 0, State: Jobs.JobState.Held } counted when verdict == ReviewVerdict.Approve:
                    Console.WriteLine($"held: further stewards who must approve: {counted.Missing}");
                    return ExitCodes.Done;
                case ReviewOutcome.Counted counted:
                    Console.WriteLine(CohortAnswer.StatusOf(counted.State));
                    // Approved, and still not out: the answer is no.
                    return verdict == ReviewVerdict.Approve && counted.State == Jobs.JobState.Blocked ? ExitCodes.No : ExitCodes.Done;
                case ReviewOutcome.Over over:
                    throw new InputException($"job {id} is {CohortAnswer.StatusOf(over.State)} already");
                case ReviewOutcome.Outdated:
                    Console.WriteLine($"held: {ReviewOutcome.Outdated.Words} lazaret review show {id}");
                    return ExitCodes.No;
                default:
                    throw Unknown(id);
            }
        });
        return command;
    }

    private static IEnumerable<(string Name, string Value)> LinesOf(ReviewAnswer answer)
    {
        yield return ("job", $"{answer.JobId}, {answer.Status}");
        yield return ("requester", $"{answer.Requester} (released {answer.History.Released}, blocked {answer.History.Blocked}, held {answer.History.Held})");
        if (answer.Project is not null)
            yield return ("project", $"{answer.Project}: {answer.Purpose}");
        yield return ("asked", answer.Words);
        yield return ("n", $"{answer.N}");
        yield return ("held because", answer.ReasonWords);
        yield return ("control", answer.Rule is null ? "none keeps it" : $"{answer.Rule}: {answer.RuleWords}; {(answer.CanLeave ? "a steward may overrule it" : "nobody overrules it")}");
        if (answer.Leverage is { } leverage)
            yield return ("largest leverage", WordsOf(leverage));
        if (answer.Bits is { } bits)
            yield return ("bits told", WordsOf(bits));
        foreach (var ledger in answer.Ledgers.Count > 1 ? answer.Ledgers : [])
            yield return ($"ledger of {ledger.Name}", $"leverage {WordsOf(ledger.Leverage)}; bits {WordsOf(ledger.Bits)}");
        if (answer.Ledgers.Count > 0)
            yield return ("numbers of", Instants.ToMinute(answer.AssessedAt));
        if (answer.Overlap is { } overlap)
            yield return ("overlap with an earlier map", $"{overlap}");
        if (answer.SameQuestion.Count > 0)
            yield return ("jobs that wait for the same", string.Join(", ", answer.SameQuestion));
        foreach (var query in answer.Queries)
            yield return ("canonical query", JsonSerializer.Serialize(query));
        foreach (var vote in answer.Votes)
            yield return (vote.Decision, $"{vote.Steward}, {Instants.ToMinute(vote.At)}{(vote.Why.Length > 0 ? $": {vote.Why}" : "")}");
    }

    private static string WordsOf(ReviewCost cost) => string.Create(CultureInfo.InvariantCulture, $"{cost.Before} before, {cost.After} with it{(cost.Limit is { } limit ? $", limit {limit}" : "")}");

    private static Argument<Guid> Job() => new("JOB") { Description = "the job's id" };

    private static InputException Unknown(Guid job) => new($"JOB: no result of a job {job} was held");
}
