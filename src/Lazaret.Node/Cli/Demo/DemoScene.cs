using Lazaret.Cohort;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Storage;
using Lazaret.SampleSite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Cli.Demo;

/// <summary>What others have left on the demo's node, for its console: an answer that waits for a steward, and a job that failed.</summary>
/// <param name="services">Of the node.</param>
/// <param name="truth">Of its site.</param>
/// <param name="manifest">Of the sample model, which the node has.</param>
internal sealed class DemoScene(IServiceProvider services, PlantedTruth truth, string manifest)
{
    /// <summary>Whose answers the demo's policy holds: nobody decides about their own question, and whoever opens the console is the one requester of the tour.</summary>
    public const string Researcher = "a researcher";

    private const string Draft = "sepsis-draft";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Sets it, and waits for both jobs.</summary>
    public async Task SetAsync(CancellationToken cancellationToken)
    {
        var held = await AskAsync(cancellationToken);
        var failed = await DiagnoseAsync(cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        while (await StateAsync(held, cancellationToken) != JobState.Held || await StateAsync(failed, cancellationToken) != JobState.Failed)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new MissingException("the demo's jobs for its console did not come to their ends");
            await Task.Delay(50, cancellationToken);
        }
    }

    private async Task<Guid> AskAsync(CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent();
        await using var map = File.OpenRead(truth.Map);
        form.Add(new StreamContent(map), "map_file", "map.nii.gz");
        foreach (var (name, value) in ((string, string)[])[("task", AnalysisContract.MapToOutcome), ("outcome", truth.Correlations.Keys.First()), ("score", "spatial_pearson"), ("filters", """{"visit":"6mo"}""")])
            form.Add(new StringContent(value), name);
        var http = new DefaultHttpContext { RequestServices = services };
        http.Request.Method = HttpMethods.Post;
        http.Request.ContentType = form.Headers.ContentType!.ToString();
        http.Request.ContentLength = form.Headers.ContentLength;
        http.Request.Body = await form.ReadAsStreamAsync(cancellationToken);
        return await services.GetRequiredService<CohortAdmission>().DecideAsync(http.Request, new Requester(Researcher, Roles.Requester), cancellationToken) is CohortDecision.Accepted { Job: var job }
            ? job.Id
            : throw new InputException("the demo's question for its console was refused");
    }

    // A draft of the sample's manifest promises a member that the program does not write.
    private async Task<Guid> DiagnoseAsync(CancellationToken cancellationToken)
    {
        var text = (await File.ReadAllTextAsync(manifest, cancellationToken))
            .Replace("key: sepsis\n", $"key: {Draft}\n", StringComparison.Ordinal)
            .Replace("\noutput:\n", "\noutput:\n  urgency: {type: integer, range: [1, 5]}\n", StringComparison.Ordinal);
        var draft = Path.Combine(Path.GetDirectoryName(manifest)!, "draft.yaml");
        await File.WriteAllTextAsync(draft, text, cancellationToken);
        await services.GetRequiredService<ModelRegistry>().AddAsync(draft, cancellationToken);
        var bundle = SampleBundles.Render(SampleBundles.Septic, TimeProvider.System.GetUtcNow());
        return await services.GetRequiredService<DiagnosisAdmission>().DecideAsync(new DiagnosisEnvelope("demo", Draft, bundle), idempotencyKey: null, dryRun: false, new Requester("a ward", Roles.Requester), project: null, cancellationToken) is DiagnosisDecision.Accepted { Job: var job }
            ? job.Id
            : throw new InputException("the demo's bundle for its console was refused");
    }

    private async Task<JobState> StateAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        return await db.Jobs.Where(job => job.Id == id).Select(job => job.State).SingleAsync(cancellationToken);
    }
}
