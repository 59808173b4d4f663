using System.Text;
using System.Text.Json;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Lazaret.Node.WebConsole.Forms;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Registry;

/// <summary>What the page of a model does.</summary>
internal static class ModelActs
{
    /// <summary>Holds a bundle against a model, as a dry run over HTTP does: no job is made.</summary>
    public static async Task<RazorComponentResult<ModelPage>> TryAsync(
        string key, HttpContext http, Requester requester, ProjectGate projects, DiagnosisAdmission admission, TimeProvider time, CancellationToken cancellationToken)
    {
        var form = await ConsoleForm.ReadAsync(http.Request);
        var bundle = form["bundle"].ToString();
        var body = Encoding.UTF8.GetBytes($$"""{"client_id":"console","target_diagnosis":{{JsonSerializer.Serialize(key)}},"fhir_bundle":{{(bundle.Length == 0 ? "null" : bundle)}}}""");
        var decision = await projects.ChooseAsync(http.Request, requester, cancellationToken) switch
        {
            ProjectChoice.Chosen { Project: var project } => await admission.DecideAsync(body, idempotencyKey: null, dryRun: true, requester, project, cancellationToken),
            ProjectChoice.Refused outside => await admission.RefuseAsync(outside.Refusal, requester, cancellationToken),
            var choice => throw new InvalidOperationException($"unknown choice {choice.GetType().Name}"),
        };
        Trial.Of(decision, time.GetUtcNow()).Keep(http);
        return new(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Id"] = key, ["Bundle"] = bundle }) { PreventStreamingRendering = true };
    }
}
