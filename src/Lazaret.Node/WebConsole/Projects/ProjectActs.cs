using Lazaret.Node.Cohorts.Approvals;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.People;

namespace Lazaret.Node.WebConsole.Projects;

/// <summary>What stewards do to projects, as <c>lazaret projects</c> does it.</summary>
internal static class ProjectActs
{
    public const string NewPath = "/console/new-project";

    public static Task<IResult> AddAsync(HttpContext http, Requester actor, ProjectApproval approvals, FrameDesk frame, CancellationToken cancellationToken) =>
        ConsoleForm.ActAsync(http, "project", ConsoleEndpoints.Page<NewProjectPage>(), frame.At(PeopleTabs.Projects), async fields =>
        {
            var faults = new List<InputFault>();
            var approval = new Approval(fields.Text("key"), fields.Text("title"))
            {
                Purpose = fields.Text("purpose"),
                Members = Approval.NamesOf(fields.Text("members")),
                Tasks = Ticked(fields, "tasks"),
                Scores = Ticked(fields, "scores"),
                Outcomes = Ticked(fields, "outcomes"),
                Masks = Ticked(fields, "masks"),
                Models = Ticked(fields, "models"),
                MinimumCohort = fields.Number("minimum-cohort", faults),
                Quota = fields.Number("quota", faults),
                Until = Approval.DayOf(fields.Text("until") is { Length: > 0 } day ? day : null, faults),
            };
            await approvals.AddAsync(approval, faults, actor.Name, cancellationToken);
            return new Told($"The project {approval.Key} is open.");
        });

    public static Task<IResult> ChangeMembersAsync(string key, HttpContext http, Requester actor, ProjectDirectory projects, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(key, http, frame, async fields =>
        {
            var (added, removed) = (Approval.NamesOf(fields.Text("add")), Approval.NamesOf(fields.Text("remove")));
            if (added.Length + removed.Length == 0)
                throw new InputException([new InputFault("add", "name somebody")]);
            await projects.ChangeMembersAsync(key, added, removed, actor.Name, cancellationToken);
            return new Told(added.Length > 0 ? $"In the project now: {string.Join(", ", added)}." : $"In the project no longer: {string.Join(", ", removed)}.");
        });

    public static Task<IResult> CloseAsync(string key, HttpContext http, Requester actor, ProjectDirectory projects, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(key, http, frame, async _ =>
        {
            await projects.CloseAsync(key, actor.Name, cancellationToken);
            return new Told("The project is closed: nobody asks in it any more.");
        });

    private static Task<IResult> ActAsync(string key, HttpContext http, FrameDesk frame, Func<IFormCollection, Task<Done>> act) =>
        ConsoleForm.ActAsync(http, "members", ConsoleEndpoints.PageOf<ProjectPage>(key), frame.At($"{PeopleTabs.Projects}/{Uri.EscapeDataString(key)}"), act);

    private static string[] Ticked(IFormCollection fields, string name) => [.. fields[name].OfType<string>()];
}
