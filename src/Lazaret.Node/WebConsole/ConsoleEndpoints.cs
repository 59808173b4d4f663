using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.WebConsole.Ask;
using Lazaret.Node.WebConsole.Data;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.Home;
using Lazaret.Node.WebConsole.Jobs;
using Lazaret.Node.WebConsole.Ledger;
using Lazaret.Node.WebConsole.People;
using Lazaret.Node.WebConsole.Projects;
using Lazaret.Node.WebConsole.Registry;
using Lazaret.Node.WebConsole.Reviews;
using Lazaret.Node.WebConsole.Viewer;
using Lazaret.Node.WebConsole.Webhooks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole;

/// <summary>The console: pages for people, which ask the same services as the HTTP interface.</summary>
internal static class ConsoleEndpoints
{
    /// <summary>The path of the console.</summary>
    public const string Path = "/console";

    /// <summary>The addresses to which forms are sent, and at which there is no page. If the answer to a form is a page, the browser keeps such an address.</summary>
    private static readonly string[] FormAddresses =
    [
        "/sign-out", "/jobs/{id:guid}/cancel", "/ask/check", "/data/check", "/data/ingest", "/data/reload", "/models/{key}/remove", "/analyses", "/analyses/{key}/remove", "/ledger/verify",
        "/people/link", "/people/revoke", "/people/sessions", "/keys", "/keys/rotate", "/keys/revoke", "/projects/{key}/members", "/projects/{key}/close",
        "/webhooks/secret", "/webhooks/endpoint", "/webhooks/redeliver",
    ];

    public static void MapConsole(this IEndpointRouteBuilder node)
    {
        var console = node.MapGroup(Path).ExcludeFromDescription().StartWith((http, next) =>
        {
            PagePolicy.Write(http.Response.Headers);
            return next(http);
        });
        var live = console.MapGroup("").StartWith(LivePages.NoteAsync);
        console.MapGet("/files/console.css", ConsoleFiles.SendStyle);
        console.MapGet("/files/console.js", ConsoleFiles.SendScript);
        console.MapGet("/files/question.js", ConsoleFiles.SendQuestion);
        console.MapGet("/files/viewer.js", ConsoleFiles.SendViewer);
        console.MapMaps();
        console.MapGet("/changes", ChangesAsync);
        console.MapPost("/sign-out", async (HttpContext http, FrameDesk frame) =>
        {
            // A caller without a session has nothing to end. Nobody has one if people do not sign in at this node.
            if (!frame.SignsOut(http))
            {
                return new SeeOther(frame.At(Path));
            }

            await http.SignOutAsync(SessionScheme.Name);
            return new SeeOther(frame.At("/sign-in"));
        });

        live.MapGet("", Page<HomePage>);
        live.MapGet("/jobs", Page<JobsPage>);
        live.MapGet("/jobs/{id:guid}", (Guid id) => PageOf<JobPage>(id));
        console.MapGet("/jobs/{id:guid}/answer.csv", AnswerFiles.SendCsvAsync);
        console.MapGet("/jobs/{id:guid}/answer.json", AnswerFiles.SendJsonAsync);
        console.MapPost("/jobs/{id:guid}/cancel", JobActs.CancelAsync);
        console.MapGet("/jobs/{id:guid}/log", (Guid id) => PageOf<JobLogPage>(id));
        console.MapGet("/ask", Page<AskPage>);
        console.MapPost("/ask", AskActs.SendAsync);
        console.MapPost("/ask/check", AskActs.CheckAsync);
        live.MapGet("/reviews", Page<ReviewsPage>);
        console.MapGet("/reviews/{id:guid}", (Guid id) => PageOf<ReviewPage>(id));
        console.MapPost("/reviews/{id:guid}", ReviewActs.DecideAsync);
        live.MapGet("/data", Page<DataPage>);
        console.MapPost("/data/check", DataActs.CheckAsync);
        console.MapPost("/data/ingest", DataActs.IngestAsync);
        console.MapPost("/data/reload", DataActs.ReloadAsync);
        console.MapGet("/models", Page<ModelsPage>);
        console.MapPost("/models", ProgramActs.AddModelAsync);
        console.MapGet("/models/{key}", (string key) => PageOf<ModelPage>(key));
        console.MapPost("/models/{key}", ModelActs.TryAsync);
        console.MapPost("/models/{key}/remove", ProgramActs.RemoveModelAsync);
        console.MapPost("/analyses", ProgramActs.AddAnalysisAsync);
        console.MapGet("/analyses/{key}", (string key) => PageOf<AnalysisPage>(key));
        console.MapPost("/analyses/{key}/remove", ProgramActs.RemoveAnalysisAsync);
        console.MapGet("/ledger", Page<LedgerPage>);
        console.MapPost("/ledger/verify", LedgerActs.VerifyAsync);
        console.MapGet("/people", Page<PeoplePage>);
        console.MapPost("/people", PeopleActs.AddAsync);
        console.MapPost("/people/link", PeopleActs.LinkAsync);
        console.MapPost("/people/revoke", PeopleActs.RevokeAsync);
        console.MapPost("/people/sessions", PeopleActs.EndSessionsAsync);
        console.MapPost("/keys", KeyActs.AddAsync);
        console.MapPost("/keys/rotate", KeyActs.RotateAsync);
        console.MapPost("/keys/revoke", KeyActs.RevokeAsync);
        console.MapGet("/projects", Page<ProjectsPage>);
        console.MapGet("/projects/{key}", (string key) => PageOf<ProjectPage>(key));
        console.MapGet("/new-project", Page<NewProjectPage>);
        console.MapPost("/new-project", ProjectActs.AddAsync);
        console.MapPost("/projects/{key}/members", ProjectActs.ChangeMembersAsync);
        console.MapPost("/projects/{key}/close", ProjectActs.CloseAsync);
        console.MapGet("/webhooks", Page<WebhooksPage>);
        console.MapPost("/webhooks/secret", WebhookActs.RotateAsync);
        console.MapPost("/webhooks/endpoint", WebhookActs.ChangeAsync);
        console.MapPost("/webhooks/redeliver", WebhookActs.RedeliverAsync);
        foreach (var form in FormAddresses)
            console.MapGet(form, LeadToPage);
    }

    /// <summary>A page that finds out by itself what to show.</summary>
    public static RazorComponentResult Page<TPage>()
        where TPage : IComponent => new RazorComponentResult<TPage> { PreventStreamingRendering = true };

    /// <summary>A page about one thing.</summary>
    public static RazorComponentResult PageOf<TPage>(object id)
        where TPage : IComponent => new RazorComponentResult<TPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Id"] = id }) { PreventStreamingRendering = true };

    /// <summary>Leads somebody who opens such an address, for example from a bookmark, to the page that has the form.</summary>
    private static SeeOther LeadToPage(HttpRequest request, FrameDesk frame)
    {
        var path = request.Path.Value!;
        return new SeeOther(frame.At(path[Path.Length..] switch
        {
            "/keys" or "/keys/rotate" or "/keys/revoke" => Chapter.People.Path,
            "/analyses" => Chapter.Registry.Path,
            _ => new PathString(path[..path.LastIndexOf('/')]).ToUriComponent(),
        }));
    }

    /// <summary>Waits until something happens after what the page has seen.</summary>
    private static async Task<Results<ContentHttpResult, StatusCodeHttpResult>> ChangesAsync(HttpRequest request, Requester reader, ConsolePulse pulse, CancellationToken cancellationToken)
    {
        try
        {
            return TypedResults.Content(await pulse.NextAsync(request.Query["seen"], reader, cancellationToken));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The node is stopping.
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }
}
