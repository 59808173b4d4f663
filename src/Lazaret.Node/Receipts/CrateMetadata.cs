using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lazaret.Node.Receipts;

/// <summary>The RO-Crate's metadata: who asked what, which checks it passed, and what came of it.</summary>
internal static class CrateMetadata
{
    public const string File = "ro-crate-metadata.json";
    public const string ReceiptFile = "outputs/receipt.json";
    public const string KeysFile = "outputs/lazaret-keys.json";

    private const string Profile = "https://w3id.org/5s-crate/0.4";
    private const string RoCrate = "https://w3id.org/ro/crate/1.2";
    private const string Completed = "http://schema.org/CompletedActionStatus";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static byte[] Write(Receipt receipt)
    {
        var (run, signOff, disclosure) = ($"#run-{receipt.JobId}", $"#signoff-{receipt.JobId}", $"#disclosure-{receipt.JobId}");
        var program = ProgramOf(receipt);
        JsonNode[] inputs = [.. InputsOf(receipt)];
        var graph = new JsonArray
        {
            Entity(File, "CreativeWork", ("about", Reference("./")), ("conformsTo", Reference(RoCrate))),
            Entity(
                "./",
                "Dataset",
                ("name", $"Receipt of job {receipt.JobId}"),
                ("description", $"What {receipt.Site} released of a {receipt.Kind} job, signed"),
                ("conformsTo", Reference(Profile)),
                ("datePublished", receipt.ReleasedAt),
                ("publisher", Reference("#site")),
                ("license", Reference("#terms")),
                ("sourceOrganization", Reference("#project")),
                ("mainEntity", Reference(program.Id)),
                ("mentions", References(run, signOff, disclosure)),
                ("hasPart", References(ReceiptFile, KeysFile, program.Id))),
            Entity(Profile, "Profile", ("name", "Five Safes RO-Crate profile")),
            Entity("#site", "Organization", ("name", receipt.Site)),
            Entity("#terms", "CreativeWork", ("name", $"As agreed with {receipt.Site}"), ("description", "The terms of access under which the site answered; no open licence is granted")),
            Entity("#project", "Project", ("name", receipt.Project ?? "No project"), ("description", receipt.Project is null ? "The site answered outside of any project" : "The key of an approved study at the site")),
            Entity("#requester", "Person", ("name", receipt.Requester), ("description", "As registered at the site; a program asks under a name of its own"), ("memberOf", References("#project"))),
            Entity("#node", "SoftwareApplication", ("name", "Lazaret"), ("softwareVersion", receipt.NodeVersion), ("provider", Reference("#site"))),
            Entity(program.Id, "Dataset", ("name", program.Name), ("description", program.What)),
            Entity(
                run,
                "CreateAction",
                ("name", $"Run of {program.Name}"),
                ("agent", Reference("#requester")),
                ("instrument", Reference(program.Id)),
                ("object", References([.. inputs.Select(input => (string)input["@id"]!)])),
                ("result", References(ReceiptFile)),
                ("startTime", receipt.AdmittedAt),
                ("endTime", receipt.ReleasedAt),
                ("actionStatus", Completed)),
            Assessment(signOff, "SignOff", "Admission by role and project: approved", receipt.AdmittedAt, "./", program.Id, "#project"),
            Assessment(disclosure, "DisclosureCheck", $"Disclosure control: released, entry {receipt.Audit.Sequence} of the audit", receipt.ReleasedAt, "./", ReceiptFile),
            Entity(ReceiptFile, "File", ("name", "The signed receipt"), ("encodingFormat", "application/jose+json"), ("description", "A JWS in flattened JSON (RFC 7515): lazaret receipt verify")),
            Entity(KeysFile, "File", ("name", "The key that signed it"), ("encodingFormat", "application/jwk-set+json"), ("description", "A copy: whoever doubts the crate asks the node for /.well-known/lazaret-keys")),
        };
        foreach (var input in inputs)
            graph.Add(input);
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["@context"] = $"{RoCrate}/context", ["@graph"] = graph }, Indented);
    }

    private static (string Id, string Name, string What) ProgramOf(Receipt receipt)
    {
        if (receipt.Model is { } model)
            return ($"#model-{model.Key}-{model.Version}", $"{model.Key} {model.Version}", $"A registered model{(model.Digest is { } digest ? $", image {digest}" : "")}: the site runs it, and does not publish it as a workflow crate");
        var query = receipt.Results![0].GetProperty("query");
        var (task, version) = (query.GetProperty("task").GetString()!, query.TryGetProperty("version", out var given) ? given.GetString() : null);
        return version is null
            ? ($"#analysis-{task}", task, $"A built-in analysis of Lazaret {receipt.NodeVersion}; it is no workflow crate")
            : ($"#analysis-{task}-{version}", $"{task} {version}", "A registered analysis: the site runs it, and does not publish it as a workflow crate");
    }

    private static IEnumerable<JsonNode> InputsOf(Receipt receipt)
    {
        if (receipt.MapSha256 is { } map)
            yield return Value("#map", "map_sha256", map);
        if (receipt.DataVersion is { } version)
            yield return Value("#data", "data_version", version);
        foreach (var (index, result) in (receipt.Results ?? []).Index())
            yield return Value($"#query-{index}", "query", result.GetProperty("query").GetRawText());
        foreach (var (index, code) in (receipt.Used ?? []).Index())
            yield return Value($"#used-{index}", "observation", code);
    }

    private static JsonObject Value(string id, string name, string value) => Entity(id, "PropertyValue", ("name", name), ("value", value));

    private static JsonObject Assessment(string id, string term, string name, DateTimeOffset end, params string[] about) => Entity(
        id,
        "AssessAction",
        ("additionalType", Reference($"https://w3id.org/shp#{term}")),
        ("name", name),
        ("endTime", end),
        ("object", References(about)),
        ("agent", Reference("#node")),
        ("actionStatus", Completed));

    private static JsonObject Entity(string id, string type, params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var entity = new JsonObject { ["@id"] = id, ["@type"] = type };
        foreach (var (name, value) in members)
            entity[name] = value;
        return entity;
    }

    private static JsonObject Reference(string id) => new() { ["@id"] = id };

    private static JsonArray References(params string[] ids) => [.. ids.Select(Reference)];
}
