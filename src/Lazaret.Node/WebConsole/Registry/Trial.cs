using System.Globalization;
using System.Text.Json;
using Lazaret.Fhir;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Models;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Registry;

/// <summary>The outcome of a bundle that somebody tried, for the page.</summary>
internal sealed record Trial(string Kind, string Verdict)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public IReadOnlyList<string> Lines { get; init; } = [];

    public IReadOnlyList<TrialIssue> Issues { get; init; } = [];

    public IReadOnlyList<TrialRow> Rows { get; init; } = [];

    public IReadOnlyList<string> Asks { get; init; } = [];

    public string Answer { get; init; } = "";

    /// <summary>What the sandbox would see; empty when nothing would run.</summary>
    public string Input { get; init; } = "";

    /// <summary>The trial of this request; null when nothing was tried.</summary>
    public static Trial? Find(HttpContext http) => http.Items[typeof(Trial)] as Trial;

    public void Keep(HttpContext http) => http.Items[typeof(Trial)] = this;

    /// <param name="now">The time of the decision; the ages of the data are counted from it.</param>
    public static Trial Of(DiagnosisDecision decision, DateTimeOffset now) => decision switch
    {
        DiagnosisDecision.Sufficient { Model.Manifest: var manifest } sufficient => Of(DryRunAnswer.Of(sufficient), manifest) with
        {
            Issues = IssuesOf(sufficient.Warnings),
            Input = Indent(ModelInput.ToJson(manifest.Key, manifest.Version.ToString(), "a pseudonym, drawn anew for each job", sufficient.Negotiation, now)),
        },
        DiagnosisDecision.DataRequired required => Of(NegotiationProblem.Of(required), required) with { Issues = IssuesOf(required.Warnings) },
        DiagnosisDecision.InvalidBundle invalid => new("bad", "Invalid") { Lines = ["The bundle is not valid FHIR R4 where this model reads it."], Issues = IssuesOf(invalid.Issues) },
        DiagnosisDecision.Unusable unusable => new("bad", "Unusable") { Lines = [unusable.Refusal.ToString()] },
        DiagnosisDecision.Forbidden forbidden => new("bad", "Not allowed") { Lines = [.. forbidden.Refusal.Lines] },
        DiagnosisDecision.BadBody { Refusal.Status: StatusCodes.Status413PayloadTooLarge } => new("bad", "Too large") { Lines = [$"A page takes bundles of {ModelActs.MostMiB} MiB at most, and no larger ones than the node does; POST /v1/diagnose?dry_run=true takes the others."] },
        DiagnosisDecision.BadBody bad => new("bad", "Not taken") { Lines = [bad.Refusal.Fault.ToString()] },
        DiagnosisDecision.NoImage away => new("bad", "Not now") { Lines = [away.Words] },
        DiagnosisDecision.Busy => new("hold", "Busy") { Lines = [FhirJudging.Busy] },
        DiagnosisDecision.Refused refused => new("bad", "Refused") { Lines = [.. refused.Faults.Select(fault => $"{fault.Field}: {fault.Message}")] },
        _ => new("bad", "Refused") { Lines = ["The node could not take this."] },
    };

    private static string Indent(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document, Indented);
    }

    private static Trial Of(DryRunAnswer answer, ModelManifest manifest) => new("ok", "Enough data")
    {
        Lines = ["The model would run on these data."],
        Rows = RowsOf(answer.Used, manifest, "Used", answer.MissingData),
        Answer = JsonSerializer.Serialize(answer, Indented),
    };

    private static TrialRow[] RowsOf(IReadOnlyList<UsedDatum> there, ModelManifest manifest, string verdict, IReadOnlyList<MissingDatum> missing)
    {
        var names = manifest.Requirements.ToDictionary(requirement => requirement.Code, requirement => requirement.Title, StringComparer.Ordinal);
        return [.. there.Select(datum => new TrialRow(names.GetValueOrDefault(datum.Code, datum.Code), datum.Code, true, true, verdict, ValueOf(datum))), .. missing.Select(RowOf)];
    }

    private static string ValueOf(UsedDatum used) =>
        $"{used.Value} {Words.Unit(used.Unit)}".TrimEnd() + (used.ConvertedFrom is { } from ? string.Create(CultureInfo.InvariantCulture, $", from {from.Value} {Words.Unit(from.Unit)}") : "") + (used.Time is { } time ? $", {Words.Time(time)}" : "");

    private static Trial Of(NegotiationProblem problem, DiagnosisDecision.DataRequired required) => new("hold", "Data required")
    {
        Lines = [problem.Detail ?? ""],
        Rows = RowsOf(required.Basis.Used, required.Model.Manifest, "Found", problem.MissingData),
        Asks = [.. problem.MissingData.Where(datum => datum.Mandatory).Select(datum => datum.Ask)],
        Answer = JsonSerializer.Serialize(problem, Indented),
    };

    private static TrialRow RowOf(MissingDatum datum) => new(datum.Display, datum.Code, false, datum.Mandatory, datum.Mandatory ? "Missing" : "Not there", datum.Explanation);

    private static TrialIssue[] IssuesOf(IReadOnlyList<FhirIssue> issues) =>
        [.. issues.Take(50).Select(issue => new TrialIssue(issue.Severity is IssueSeverity.Error or IssueSeverity.Fatal, issue.Expression, issue.Diagnostics))];
}

/// <summary>Something that is wrong with the bundle.</summary>
internal sealed record TrialIssue(bool IsError, string Place, string Words);

/// <summary>One datum that the model asks for.</summary>
internal sealed record TrialRow(string Name, string Code, bool IsUsed, bool IsMandatory, string Verdict, string More);
