using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Diagnoses;

/// <summary>A registered model in a sandbox: <c>input.json</c> in, the manifest's members out.</summary>
public sealed class DiagnosisProcedure(ModelRegistry registry) : IJobProcedure
{
    private const string Input = "input.json";
    private const string Output = "output.json";

    public JobKind Kind => JobKind.Diagnosis;

    public async Task<Preparation> PrepareAsync(ClaimedJob claimed, byte[] input, CancellationToken cancellationToken)
    {
        if (await FindAsync(claimed.Job, cancellationToken) is not { } model)
            return new Preparation.Impossible("the model was removed from the registry");
        return new Preparation.Ready(new SandboxRun
        {
            Id = claimed.Run.Id.ToString("N"),
            Root = model.Root,
            Command = model.Manifest.Command,
            Environment = paths => new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["INPUT_JSON"] = Path.Combine(paths.Work, Input),
                ["OUT_JSON"] = Path.Combine(paths.Work, Output),
            },
            Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [Input] = input },
            Output = Output,
            Limits = model.Manifest.Limits,
        });
    }

    public async Task<RunReport> ConcludeAsync(ClaimedJob claimed, ReadOnlyMemory<byte> output, CancellationToken cancellationToken)
    {
        if (await FindAsync(claimed.Job, cancellationToken) is not { } model)
            return new RunReport.Failed(RunEnd.HostFault, "the model was removed from the registry");
        return ModelOutput.Read(output, model.Manifest.Output, out var why) is { } answer
            ? new RunReport.Released(answer, new AuditDetail { ["model"] = model.Name, ["digest"] = model.Row.Digest })
            : new RunReport.Failed(RunEnd.BadOutput, why);
    }

    private Task<Model?> FindAsync(Job job, CancellationToken cancellationToken)
    {
        var request = DiagnosisRequest.Read(job.Request);
        return registry.FindAsync(request.Model, request.Version, cancellationToken);
    }
}
