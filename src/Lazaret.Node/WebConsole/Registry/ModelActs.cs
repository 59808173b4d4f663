using System.Text;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Lazaret.Node.WebConsole.Forms;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Registry;

/// <summary>What the form on the page of a model does.</summary>
internal static class ModelActs
{
    /// <summary>How large a bundle may be on a page, in MiB: the page shows it again. The limit is lower if the node itself takes only smaller ones.</summary>
    public const int MostMiB = 8;

    // The size of the form around the bundle.
    private const long Beside = 64 << 10;

    /// <summary>Compares a bundle with what a model needs, as a dry run over HTTP does: no job is made.</summary>
    public static async Task<RazorComponentResult> TryAsync(
        string key, HttpContext http, Requester requester, ProjectGate projects, DiagnosisAdmission admission, DiagnosisOptions options, RequestBodies bodies, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = bodies.Open(http.Request, ((long)Math.Min(MostMiB, options.MaxRequestMiB) << 20) + Beside, cancellationToken);
        var (bundle, project) = ("", "");
        DiagnosisDecision decision;
        switch (await body.ReadAsync())
        {
            case BodyReading.Whole whole:
                var form = await ConsoleForm.ReadAsync(http.Request, whole.Bytes, cancellationToken);
                (bundle, project) = (form["bundle"].ToString(), form.Text("project"));
                decision = await projects.ChooseAsync(project.Length > 0 ? project : ProjectHeader.Of(http.Request), requester, cancellationToken) switch
                {
                    ProjectChoice.Chosen { Project: { } chosen } when chosen.FindRefusals("model", key) is { Count: > 0 } refusals => await admission.RefuseAsync(ProjectRefusal.Terms(chosen, refusals), requester, cancellationToken),
                    ProjectChoice.Chosen { Project: var chosen } => await admission.DecideAsync(new DiagnosisEnvelope("console", key, Encoding.UTF8.GetBytes(bundle)), idempotencyKey: null, dryRun: true, requester, chosen, cancellationToken),
                    ProjectChoice.Refused outside => await admission.RefuseAsync(outside.Refusal, requester, cancellationToken),
                    var choice => throw new InvalidOperationException($"unknown choice {choice.GetType().Name}"),
                };
                break;
            case BodyReading.Refused refused:
                decision = await admission.RefuseAsync(refused.Refusal, requester, cancellationToken);
                break;
            case var reading:
                throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
        }

        Trial.Of(decision, time.GetUtcNow()).Keep(http);
        return new RazorComponentResult<ModelPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Id"] = key, ["Bundle"] = bundle, ["ProjectKey"] = project })
        {
            StatusCode = decision is DiagnosisDecision.BadBody { Refusal.Status: var status } ? status : StatusCodes.Status200OK,
            PreventStreamingRendering = true,
        };
    }
}
