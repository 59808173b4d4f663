using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Cohort.Files;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Spectre.Console;

namespace Lazaret.Node.Cli.Programs;

internal static class ModelCommands
{
    public static Command Create(Settings settings) => new("models", "The registry of models.")
    {
        ProgramCommands.Add(settings, ProgramKind.Model, async (services, manifest, cancellationToken) =>
        {
            var model = await services.GetRequiredService<ModelRegistry>().AddAsync(manifest, cancellationToken);
            Say(manifest, model.Manifest);
            return model.Row;
        }),
        List(settings),
        ProgramCommands.Show(settings, ProgramKind.Model),
        ProgramCommands.Remove(settings, ProgramKind.Model),
        ProgramCommands.Verify(settings, ProgramKind.Model),
        Negotiate(),
    };

    // On stderr: stdout holds the answer alone.
    private static void Say(string file, ModelManifest manifest)
    {
        foreach (var note in manifest.Notes)
            Console.Error.WriteLine($"{file}: {note}");
    }

    private static Command List(Settings settings)
    {
        var command = new Command("list", "The registered models.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var table = new Table().RoundedBorder().AddColumns("model", "name", "accuracy", "signed", "digest");
            var models = await services.GetRequiredService<ModelRegistry>().ListAsync(cancellationToken);
            foreach (var model in models)
            {
                table.AddTexts(
                    model.Name,
                    model.Manifest.Name,
                    model.Manifest.Accuracy.ToString(CultureInfo.InvariantCulture),
                    model.Row.SignedBy is null ? "no" : "yes",
                    model.Row.Digest[..19]);
            }

            AnsiConsole.Write(table);
            if (models.Count == 0)
                ProgramCommands.SayHowToAdd("models");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Negotiate()
    {
        var manifest = new Argument<string>("MANIFEST") { Description = "the model's manifest" };
        var bundle = new Argument<string>("BUNDLE") { Description = "a FHIR R4 bundle as JSON" };
        var now = new Option<string?>("--now") { Description = "the instant to negotiate at, with its offset; now without it" };
        var strictness = new Option<string>("--strictness") { Description = "which faults of the bundle refuse it: relevant or whole", DefaultValueFactory = _ => FhirOptions.RelevantStrictness }
            .AcceptOnlyFromAmong(FhirOptions.RelevantStrictness, FhirOptions.WholeStrictness);
        var json = new Option<bool>("--json") { Description = "one JSON line" };
        var patient = new Option<string?>("--patient") { Description = "the patient asked about, like Patient/123; whoever the bundle is about without it" };
        var command = new Command("negotiate", "The negotiation alone, offline.") { manifest, bundle, now, patient, strictness, json };
        command.SetAction(parsed =>
        {
            var (_, model) = ManifestReader.ReadFile(parsed.GetRequiredValue(manifest));
            Say(parsed.GetRequiredValue(manifest), model);
            var file = parsed.GetRequiredValue(bundle);
            var asked = parsed.GetValue(patient) is { } named
                ? AskedPatient.Read(named, "--patient") ?? throw new InputException("--patient: must be an id, Patient/id, or the URL or URN of a patient")
                : null;
            var reading = BundleReader.Read(FhirCommands.Read(file), FhirBudget.Unlimited(), FhirOptions.ScopeOf(parsed.GetRequiredValue(strictness), model.Requirements), asked?.Server);
            var instant = ParseInstant(parsed.GetValue(now));
            var negotiation = reading is BundleReading.Readable { Bundle: var data }
                ? Negotiator.Negotiate(model.Requirements, data, new NegotiationTerms(instant) { Patient = asked })
                : Negotiator.Refuse(model.Requirements, MissCause.InvalidBundle, instant);
            var warnings = (reading as BundleReading.Readable)?.Warnings ?? [];
            if (parsed.GetValue(json))
                Console.WriteLine(ToJson(model, negotiation, warnings).ToJsonString());
            else if (reading is BundleReading.Invalid invalid)
                Print(file, invalid);
            else
                Print(negotiation, warnings);
            return negotiation is Negotiation.Satisfied ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }

    private static JsonObject ToJson(ModelManifest model, Negotiation negotiation, IReadOnlyList<FhirIssue> issues)
    {
        var basis = NegotiationBasis.Of(new(model.Key, model.Version.ToString()), negotiation);
        var answer = new JsonObject
        {
            ["verdict"] = negotiation.Verdict,
            ["model"] = JsonSerializer.SerializeToNode(basis.Model),
            ["missing"] = new JsonArray([.. negotiation.Missing.Select(item => (JsonNode)Describe(item))]),
            ["used"] = new JsonObject(negotiation.Used.Select(item => KeyValuePair.Create(item.Key, (JsonNode?)item.Value))),
            ["used_data"] = JsonSerializer.SerializeToNode(basis.Used),
            ["skipped"] = JsonSerializer.SerializeToNode(basis.Skipped),
            ["unread"] = JsonSerializer.SerializeToNode(negotiation.Unread),
            ["converted"] = Conversions(negotiation),
        };
        if (negotiation.Refusal is { } refusal)
            answer["refusal"] = new JsonObject { ["cause"] = refusal.Cause, ["place"] = refusal.Place, ["places"] = new JsonArray([.. refusal.Places.Select(place => (JsonNode)place)]), ["explanation"] = refusal.Words };
        if (BundleWarning.Of(issues) is { } warnings)
            answer["warnings"] = JsonSerializer.SerializeToNode(warnings);
        return answer;
    }

    private static JsonObject Describe(MissingItem item) => new()
    {
        ["code"] = item.Requirement.Code,
        ["reason"] = item.Reason.Reason,
        ["cause"] = item.Reason.Name,
        ["explanation"] = item.Explanation,
        ["ask"] = item.Ask,
        ["found"] = item.Found is { } found ? JsonSerializer.SerializeToNode(FoundDatum.Of(found)) : null,
        ["mandatory"] = item.Requirement.Mandatory,
    };

    private static JsonObject Conversions(Negotiation negotiation) =>
        new(negotiation.Chosen.Where(item => item.ConvertedFrom is not null).Select(item => KeyValuePair.Create(
            item.Requirement.Code, (JsonNode?)new JsonObject { ["to"] = ToJson(item.Value), ["from"] = ToJson(item.ConvertedFrom!) })));

    private static JsonObject? ToJson(ChosenValue value) =>
        value is ChosenValue.Measured measured ? new JsonObject { ["value"] = measured.Number, ["unit"] = measured.Unit } : null;

    private static void Print(string file, BundleReading.Invalid invalid)
    {
        Console.WriteLine($"{file}: is no valid FHIR R4 bundle");
        foreach (var issue in invalid.Issues.Where(issue => issue.Severity != IssueSeverity.Warning))
            Console.WriteLine(PlainText.Line($"  {issue.Code} at {(issue.Expression.Length > 0 ? issue.Expression : "the whole")}: {issue.Diagnostics}"));
    }

    private static void Print(Negotiation negotiation, IReadOnlyList<FhirIssue> warnings)
    {
        var table = new Table().RoundedBorder().Title(negotiation.Verdict).AddColumns("code", "what", "");
        foreach (var item in negotiation.Chosen)
            table.AddRow(new Text(item.Requirement.Code), new Text("used", Color.Green), new Text(item.Source + Converted(item)));
        foreach (var item in negotiation.Missing)
            table.AddRow(new Text(item.Requirement.Code), new Text("missing", item.Requirement.Mandatory ? Color.Red : Color.Yellow), new Text(item.Explanation));
        AnsiConsole.Write(table);
        foreach (var warning in BundleWarning.Of(warnings) ?? [])
            Console.WriteLine(PlainText.Line($"  warning {warning.Code} at {(warning.Expression.Length > 0 ? warning.Expression : "the whole")}: {warning.Diagnostics}"));
    }

    private static string Converted(ChosenItem item) => item is { ConvertedFrom: { } from, Value: ChosenValue.Measured to }
        ? string.Create(CultureInfo.InvariantCulture, $": {to.Number} {to.Unit}, converted from {from.Number} {from.Unit}")
        : "";

    private static DateTimeOffset ParseInstant(string? text)
    {
        if (text is null)
            return TimeProvider.System.GetUtcNow();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : throw new InputException($"--now: '{text}' is no instant like 2026-03-01T12:00:00Z");
    }
}
