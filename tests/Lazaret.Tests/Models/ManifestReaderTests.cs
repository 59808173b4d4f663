using Lazaret.Fhir.Negotiations;
using Lazaret.Node;
using Lazaret.Node.Models;

namespace Lazaret.Tests.Models;

public sealed class ManifestReaderTests
{
    private const string Minimal = """
        key: sepsis
        version: 1.0.0
        accuracy: 0.9
        image: ./image
        command: [/model/run]
        output: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}
        """;

    /// <summary>The manifest of the contract, word for word.</summary>
    private const string Contract = """
        key: sepsis
        name: NEWS2 early warning
        version: 1.0.0
        accuracy: 0.98
        image: ./image                # an OCI layout folder or archive, or a root folder; pinned by digest when added
        command: [/model/run]
        signature: ./image.sig        # cosign's simple-signing payload and ECDSA P-256 signature
        requires:
          observations:
            - {code: 8310-5, display: Body temperature, unit: Cel, mandatory: true, max_age: P1D, range: [25, 45]}
            - {code: 8480-6, display: Systolic, unit: "mm[Hg]", component_of: 85354-9, max_age: P1D}
            - {code: 2160-0, display: Creatinine, unit: mg/dL, accepted_units: {mg/dL: 1, g/L: 100}, mandatory: false}
        limits: {memory: 256MiB, cpus: 1, pids: 32, timeout: 30s}
        output: {diagnosis: {enum: [POSITIVE, NEGATIVE]}, confidence: {type: number, range: [0, 1]}}
        """;

    [Fact]
    public void The_contracts_manifest_is_read_whole()
    {
        var manifest = ManifestReader.Read(Contract, "manifest.yaml");
        Assert.Equal("sepsis", manifest.Key);
        Assert.Equal("1.0.0", manifest.Version.ToString());
        Assert.Equal("./image.sig", manifest.Signature);
        Assert.Equal(256L << 20, manifest.Limits.Memory);
        Assert.Equal(32, manifest.Limits.Pids);
        Assert.Equal(TimeSpan.FromSeconds(30), manifest.Limits.Timeout);

        var requirements = manifest.Requirements.Cast<ObservationRequirement>().ToList();
        Assert.Equal(["8310-5", "8480-6", "2160-0"], requirements.Select(requirement => requirement.Code));
        Assert.Equal(new ValueRange(25, 45), requirements[0].Range);
        Assert.Equal(TimeSpan.FromDays(1), requirements[0].MaxAge);
        Assert.Equal(["85354-9"], requirements[1].ComponentOf);
        Assert.Equal(100, requirements[2].AcceptedUnits["g/L"]);
        Assert.Equal([true, true, false], requirements.Select(requirement => requirement.Mandatory));

        Assert.Equal(new OutputField.Number(0, 1, Whole: false), manifest.Output["confidence"]);
        Assert.Equal(["POSITIVE", "NEGATIVE"], Assert.IsType<OutputField.Enumeration>(manifest.Output["diagnosis"]).Values);
    }

    [Fact]
    public void The_registrys_json_form_is_read()
    {
        var manifest = ManifestReader.Read("""
            {"key": "flu", "version": "2.1.0", "accuracy": 0.5, "image": "image", "command": ["/run"],
             "required_observations": [{"code": "8310-5", "display": "Temperature", "mandatory": true}],
             "output": {"diagnosis": {"type": "string", "max_length": 20}}}
            """, "manifest.json");
        var requirement = Assert.IsType<ObservationRequirement>(Assert.Single(manifest.Requirements));
        Assert.Equal(("8310-5", "Cel"), (requirement.Code, requirement.Unit));
        Assert.Equal("8310-5: no unit is declared; LOINC's example unit Cel is taken, and the model gets the value in it", Assert.Single(manifest.Notes));
    }

    [Fact]
    public void The_registrys_json_form_asks_for_a_unit_where_no_example_is_known()
    {
        const string json = """
            {"key": "flu", "version": "2.1.0", "accuracy": 0.5, "image": "image", "command": ["/run"],
             "required_observations": [{"code": "38208-5", "display": "Pain", "mandatory": true}],
             "output": {"diagnosis": {"type": "string"}}}
            """;

        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read(json, "manifest.json"));

        Assert.Contains("required_observations[0].unit: is missing, and no example unit of 38208-5 is known here", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("{score}", Assert.IsType<ObservationRequirement>(
            ManifestReader.Read(json.Replace("\"display\"", "\"unit\": \"{score}\", \"display\"", StringComparison.Ordinal), "manifest.json").Requirements[0]).Unit);
    }

    [Fact]
    public void A_manifest_that_was_added_under_laxer_rules_is_still_read()
    {
        var text = $"{Minimal}\nrequires: {{observations: [{{code: 8480-6, unit: mmHg}}]}}";

        Assert.Contains("unit mmHg is no UCUM", Assert.Throws<InputException>(() => ManifestReader.Read(text, "manifest.yaml")).Message, StringComparison.Ordinal);
        Assert.Single(ManifestReader.ReadRegistered(text, "manifest.yaml").Requirements);
    }

    [Fact]
    public void A_molar_mass_is_read() => Assert.Equal(113.12m, Assert.IsType<ObservationRequirement>(
        ManifestReader.Read($"{Minimal}\nrequires: {{observations: [{{code: 2160-0, unit: umol/L, molar_mass: 113.12}}]}}", "manifest.yaml").Requirements[0]).MolarMass);

    [Theory]
    [InlineData("key: Sepsis!", "key: must be")]
    [InlineData("version: one", "version: must be MAJOR.MINOR.PATCH")]
    [InlineData("accuracy: 98", "accuracy: must lie between 0 and 1")]
    [InlineData("accuracy: .nan", "accuracy: must be a number")]
    [InlineData("command: []", "command: must be a list of texts")]
    [InlineData("command: [model/run]", "command: must begin with an absolute path")]
    [InlineData("command: [/model/../../bin/sh]", "command: must begin with an absolute path")]
    [InlineData("colour: red", "colour: no such member")]
    [InlineData("input: bundle", "input: only 'observations'")]
    [InlineData("limits: {memory: 1 potato}", "limits.memory: must be a size")]
    [InlineData("limits: {timeout: 25h}", "limits.timeout: must be a time")]
    [InlineData("limits: {memory: 1025GiB}", "limits.memory: must be a size")]
    [InlineData("limits: {memory: 9999999999TiB}", "limits.memory: must be a size")]
    [InlineData("limits: {pids: 0}", "limits.pids: must be a whole number between 1 and 32768")]
    [InlineData("limits: {pids: 1.5}", "limits.pids: must be a whole number")]
    [InlineData("limits: {pids: 1e30}", "limits.pids: must be a whole number")]
    [InlineData("limits: {output: 2MiB}", "limits.output: must be a size like 16KiB, up to 1MiB")]
    [InlineData("limits: {disk: 1GiB}", "limits.disk: no such member")]
    [InlineData("output: {diagnosis: {}}", "output.diagnosis: must have either enum, or type")]
    [InlineData("output: {diagnosis: {enum: [A], type: string}}", "output.diagnosis: must have either enum, or type")]
    [InlineData("output: {diagnosis: {enum: [A], range: [0, 1]}}", "output.diagnosis.range: belongs to")]
    [InlineData("output: {diagnosis: {enum: [A], indicator: {A: urgent}}}", "output.diagnosis.indicator.A: must be one of info, warning, critical")]
    [InlineData("output: {diagnosis: {enum: [A], indicator: {B: critical}}}", "output.diagnosis.indicator.B: is none of the field's enum")]
    [InlineData("output: {diagnosis: {type: string, indicator: {B: critical}}}", "output.diagnosis.indicator.B: is none of the field's enum")]
    [InlineData("output: {diagnosis: {enum: [A], indicator: critical}}", "output.diagnosis.indicator: must be a mapping")]
    [InlineData("output: {diagnosis: {type: boolean, max_length: 3}}", "output.diagnosis.max_length: belongs to")]
    [InlineData("output: {diagnosis: {type: string, max_length: 0}}", "output.diagnosis.max_length: must be a whole number between 1 and 100000")]
    [InlineData("output: {diagnosis: {type: string, max_length: 2.5}}", "output.diagnosis.max_length: must be a whole number")]
    [InlineData("output: {diagnosis: {type: number, range: [0, 1e400]}}", "output.diagnosis.range: must be two numbers")]
    [InlineData("requires: {observations: [{code: 8310-6}]}", "check digit")]
    [InlineData("requires: {observations: [{code: 8310-5, unit: Cel, range: [0, 1e30]}]}", "observations[0].range: must be two numbers of at most 28 digits")]
    [InlineData("requires: {observations: [{code: 8310-5, unit: Cel, accepted_units: {K: 1e30}}]}", "accepted_units.K: must be the factor")]
    [InlineData("requires: {observations: [{code: 8310-5, unit: Cel, max_age: yesterday}]}", "max_age: must be a duration")]
    [InlineData("requires: {observations: [{code: 8310-5, unit: Cel, range: [45, 25]}]}", "range: must be two numbers")]
    [InlineData("requires: {observations: [{cod: 8310-5}]}", "observations[0].cod: no such member")]
    [InlineData("requires: {genomes: []}", "requires.genomes: no such member")]
    public void A_fault_is_named_with_its_place(string line, string expected)
    {
        var member = line[..line.IndexOf(':', StringComparison.Ordinal)];
        var lines = Minimal.Split('\n').Where(other => !other.StartsWith(member + ":", StringComparison.Ordinal)).Append(line);
        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read(string.Join('\n', lines), "manifest.yaml"));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"diagnosis":"POSITIVE","risk":"low"}""", "critical")]
    [InlineData("""{"diagnosis":"NEGATIVE","risk":"medium"}""", "warning")]
    [InlineData("""{"diagnosis":"NEGATIVE","risk":"low"}""", "info")]
    [InlineData("""{"diagnosis":7}""", "info")]
    public void The_most_severe_indicator_of_an_answer_is_its_cards(string answer, string expected)
    {
        var manifest = ManifestReader.Read(
            Minimal.Replace("{diagnosis: {enum: [POSITIVE, NEGATIVE]}}", "{diagnosis: {enum: [POSITIVE, NEGATIVE], indicator: {POSITIVE: critical}}, risk: {enum: [low, medium], indicator: {medium: warning}}}", StringComparison.Ordinal),
            "manifest.yaml");
        Assert.Equal(expected, manifest.IndicatorOf(System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, System.Text.Json.JsonElement>>(answer)!));
    }

    [Fact]
    public void A_fault_begins_with_the_file_the_line_and_the_column()
    {
        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read($"{Minimal}\nlimits: {{pids: 0}}", "manifest.yaml"));
        Assert.StartsWith("manifest.yaml: line 7, column 16: limits.pids: ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("512KiB", 512L << 10)]
    [InlineData("2048MiB", 2048L << 20)]
    [InlineData("1TiB", 1L << 40)]
    [InlineData("1073741824KiB", 1L << 40)]
    public void A_size_is_bounded_whatever_its_unit(string memory, long bytes) =>
        Assert.Equal(bytes, ManifestReader.Read($"{Minimal}\nlimits: {{memory: {memory}}}", "manifest.yaml").Limits.Memory);

    [Fact]
    public void Every_fault_is_listed_at_once()
    {
        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read("key: X\nversion: 1\ncolour: red\n", "manifest.yaml"));
        Assert.Equal(
            ["key", "command", "version", "image", "accuracy", "output", "colour"],
            refusal.Message.Split('\n').Select(line => line.Split(": ")[2]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a list")]
    [InlineData("key: [unclosed")]
    [InlineData("key: a\nkey: b")]
    public void What_is_no_mapping_is_refused(string text) => Assert.Throws<InputException>(() => ManifestReader.Read(text, "manifest.yaml"));

    [Fact]
    public void Of_very_many_faults_twenty_are_told_and_long_names_by_their_beginning()
    {
        var text = $"{Minimal}\n{new string('n', 1000)}: 1\n{string.Concat(Enumerable.Range(0, 3000).Select(i => $"x{i}: 1\n"))}";
        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read(text, "manifest.yaml"));
        Assert.Equal(21, refusal.Message.Split('\n').Length);
        Assert.EndsWith("and 2981 more", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 1, 10_000);
    }
}
