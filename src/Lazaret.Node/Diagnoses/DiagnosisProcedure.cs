using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Diagnoses;

/// <summary>A registered model in a sandbox: <c>input.json</c> in, the manifest's members out.</summary>
public sealed partial class DiagnosisProcedure(ModelRegistry registry, ProgramRun programs, ILogger<DiagnosisProcedure> logger) : IJobProcedure
{
    private const string Input = "input.json";
    private const string Output = "output.json";

    public JobKind Kind => JobKind.Diagnosis;

    public Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken) => programs.FindLacksAsync(ProgramKind.Model, cancellationToken);

    public async Task<Preparation> PrepareAsync(ClaimedJob claimed, byte[] input, CancellationToken cancellationToken)
    {
        var request = DiagnosisRequest.Read(claimed.Job.Request);
        if (await registry.FindAsync(request.Model, request.Version, cancellationToken) is not { } model)
            return new Preparation.Impossible("the model was removed from the registry");
        if (!programs.IsHere(model.Row))
            return new Preparation.NotHere($"the image of {model.Name} is not on this machine");
        if (!programs.IsPinned(model.Row))
        {
            LogImageChanged(claimed.Job.Id, model.Name, model.Row.Digest);
            return new Preparation.NotHere($"the image of {model.Name} is not what was registered");
        }

        var run = new SandboxRun
        {
            Id = claimed.Run.Id.ToString("N"),
            Root = model.Root,
            Command = model.Manifest.Command,
            Environment = paths => ProgramRun.Environment(
                model.Row, ("INPUT_JSON", Path.Combine(paths.Work, Input)), ("OUT_JSON", Path.Combine(paths.Work, Output))),
            Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [Input] = input },
            Output = Output,
            Limits = programs.Limits(model.Manifest),
        };
        // The model that was verified is the one that the run is reported of, whatever becomes of the registry meanwhile.
        return new Preparation.Ready(run, output => Conclude(model, output));
    }

    private static RunReport Conclude(Model model, ReadOnlyMemory<byte> output) => ModelOutput.Read(output, model.Manifest.Output, out var why) is { } answer
        ? new RunReport.Released(answer, new AuditDetail { ["model"] = model.Name, ["digest"] = model.Row.Digest })
        : new RunReport.Failed(RunEnd.BadOutput, why);

    [LoggerMessage(LogLevel.Error, "Job {Job}: the image of {Model} is no longer {Digest}, as it was registered. 'lazaret models verify' checks them all")]
    private partial void LogImageChanged(Guid job, string model, string digest);
}
