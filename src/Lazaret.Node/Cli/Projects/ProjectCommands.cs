using System.CommandLine;
using System.Globalization;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Cohorts.Approvals;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Spectre.Console;

namespace Lazaret.Node.Cli.Projects;

/// <summary>Commands for the projects that the site approved.</summary>
internal static class ProjectCommands
{
    public static Command Create(Settings settings) => new("projects", "The projects that the site approved: who may ask, what, and until when.")
    {
        Add(settings),
        List(settings),
        Show(settings),
        Close(settings),
        Members(settings),
    };

    private static Command Add(Settings settings)
    {
        var key = Key();
        var title = new Option<string>("--title") { Description = "what the project is called", Required = true };
        var purpose = new Option<string>("--purpose") { Description = "what it is for", DefaultValueFactory = _ => "" };
        var members = Names("--members", "the programs and persons who may ask");
        var tasks = Names("--tasks", "the analyses of the cohort that are allowed; all without it");
        var scores = Names("--scores", "the scores that are allowed; all without it");
        var outcomes = Names("--outcomes", "the outcomes that are allowed; all without it");
        var masks = Names("--masks", "the masks that are allowed, and then one must be named; all without it");
        var models = Names("--models", "the models that are allowed; all without it");
        var minimum = new Option<int>("--minimum-cohort") { Description = "the smallest cohort that is answered; the site's without it", HelpName = "N" };
        var quota = new Option<int>("--quota") { Description = "how many jobs in seven days; any number without it, or with 0", HelpName = "N" };
        var until = new Option<string?>("--until") { Description = "the last day, in UTC: 2027-12-31; without it there is no end", HelpName = "DATE" };
        var command = new Command("add", "Approve a project.") { key, title, purpose, members, tasks, scores, outcomes, masks, models, minimum, quota, until };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            List<InputFault> faults = [.. new[] { members, tasks, scores, outcomes, masks, models }.Where(option => NamesNothing(parsed, option)).Select(option => new InputFault(option.Name.TrimStart('-'), "names nothing: leave it out where all are meant"))];
            var approval = new Approval(parsed.GetRequiredValue(key), parsed.GetRequiredValue(title))
            {
                Purpose = parsed.GetRequiredValue(purpose),
                Members = Approval.NamesOf(parsed.GetValue(members)),
                Tasks = Approval.NamesOf(parsed.GetValue(tasks)),
                Scores = Approval.NamesOf(parsed.GetValue(scores)),
                Outcomes = Approval.NamesOf(parsed.GetValue(outcomes)),
                Masks = Approval.NamesOf(parsed.GetValue(masks)),
                Models = Approval.NamesOf(parsed.GetValue(models)),
                MinimumCohort = parsed.GetValue(minimum),
                Quota = parsed.GetValue(quota),
                Until = Approval.DayOf(parsed.GetValue(until), faults),
            };
            await using var services = await settings.OpenNodeAsync(cancellationToken, StateUse.MakesNamed);
            if (await services.GetRequiredService<ProjectApproval>().AddAsync(approval, faults, AuditEntry.Operator, cancellationToken) is { } why)
                await Console.Error.WriteLineAsync($"lazaret: outcomes and masks were not compared with the site's: {why}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List(Settings settings)
    {
        var json = new Option<bool>("--json") { Description = "a JSON array" };
        var command = new Command("list", "The approved projects.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var projects = (await services.GetRequiredService<ProjectDirectory>().AllAsync(cancellationToken)).Values
                .OrderBy(project => project.Key, StringComparer.Ordinal).Select(project => Describe(project, services)).ToList();
            if (parsed.GetValue(json))
            {
                Console.WriteLine(ProjectDescription.ToJson(projects));
                return ExitCodes.Done;
            }

            var table = new Table().RoundedBorder().AddColumns("project", "title", "state", "members", "minimum cohort", "until");
            foreach (var project in projects)
            {
                table.AddTexts(
                    project.Key,
                    project.Title,
                    project.State,
                    string.Join(", ", project.Members),
                    project.MinimumCohort.ToString(CultureInfo.InvariantCulture),
                    project.LastDay());
            }

            if (projects.Count == 0)
                Console.WriteLine("No project is approved: lazaret projects add KEY --title TITLE --members NAME");
            else
                AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Settings settings)
    {
        var key = Key();
        var json = new Option<bool>("--json") { Description = "one JSON line" };
        var command = new Command("show", "What a project may ask.") { key, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var project = await FindAsync(services, parsed.GetRequiredValue(key), cancellationToken);
            var described = Describe(project, services) with { JobsThisWeek = await CountJobsAsync(services, project, cancellationToken) };
            if (parsed.GetValue(json))
            {
                Console.WriteLine(described.ToJson());
                return ExitCodes.Done;
            }

            var table = new Table().RoundedBorder().HideHeaders().AddColumns("", "");
            foreach (var (name, value) in described.ToLines())
                table.AddTexts(name, value);
            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Close(Settings settings)
    {
        var key = Key();
        var command = new Command("close", "End a project: within a second it takes no more jobs. Those that were admitted still run.") { key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            await services.GetRequiredService<ProjectDirectory>().CloseAsync(parsed.GetRequiredValue(key), AuditEntry.Operator, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Members(Settings settings)
    {
        var key = Key();
        var add = Names("--add", "who may ask from now on");
        var remove = Names("--remove", "who may no longer");
        var command = new Command("members", "Who may ask in a project; with options, changed first.") { key, add, remove };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (new[] { add, remove }.FirstOrDefault(option => NamesNothing(parsed, option)) is { } empty)
                throw new InputException($"{empty.Name}: names nobody");
            var (name, added, removed) = (parsed.GetRequiredValue(key), Approval.NamesOf(parsed.GetValue(add)), Approval.NamesOf(parsed.GetValue(remove)));
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var members = added.Length + removed.Length > 0
                ? await services.GetRequiredService<ProjectDirectory>().ChangeMembersAsync(name, added, removed, AuditEntry.Operator, cancellationToken)
                : (await FindAsync(services, name, cancellationToken)).Members;
            foreach (var member in members)
                Console.WriteLine(member);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Project> FindAsync(ServiceProvider services, string key, CancellationToken cancellationToken) =>
        await services.GetRequiredService<ProjectDirectory>().FindAsync(key, cancellationToken) ?? throw ProjectDirectory.Unknown(key);

    private static async Task<int> CountJobsAsync(ServiceProvider services, Project project, CancellationToken cancellationToken)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        var since = TimeProvider.System.GetUtcNow() - ProjectQuotas.Window;
        return await db.Jobs.CountAsync(job => job.Project == project.Key && job.CreatedAt > since, cancellationToken);
    }

    private static ProjectDescription Describe(Project project, ServiceProvider services) =>
        ProjectDescription.Of(project, services.GetRequiredService<DisclosureOptions>().MinimumOf(project), TimeProvider.System.GetUtcNow());

    private static Argument<string> Key() => new("KEY") { Description = "the project's key, as the header Lazaret-Project names it" };

    private static bool NamesNothing(ParseResult parsed, Option<string?> option) => parsed.GetResult(option) is { Implicit: false } && Approval.NamesOf(parsed.GetValue(option)).Length == 0;

    private static Option<string?> Names(string option, string description) => new(option) { Description = description, HelpName = "A,B" };
}
