using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Cli;
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
        var manifest = ManifestReader.Read(Contract);
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
        Assert.Equal("85354-9", requirements[1].ComponentOf);
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
            """);
        Assert.Equal("8310-5", Assert.Single(manifest.Requirements).Code);
    }

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
    [InlineData("limits: {pids: 0}", "limits.pids: must lie")]
    [InlineData("limits: {disk: 1GiB}", "limits.disk: no such member")]
    [InlineData("output: {diagnosis: {}}", "output.diagnosis: must have either enum, or type")]
    [InlineData("output: {diagnosis: {enum: [A], type: string}}", "output.diagnosis: must have either enum, or type")]
    [InlineData("requires: {observations: [{code: 8310-6}]}", "check digit")]
    [InlineData("requires: {observations: [{code: 8310-5, unit: Cel, max_age: yesterday}]}", "max_age: must be a duration")]
    [InlineData("requires: {observations: [{code: 8310-5, unit: Cel, range: [45, 25]}]}", "range: must be two numbers")]
    [InlineData("requires: {observations: [{cod: 8310-5}]}", "observations[0].cod: no such member")]
    [InlineData("requires: {genomes: []}", "requires.genomes: no such member")]
    public void A_fault_is_named_with_its_place(string line, string expected)
    {
        var member = line[..line.IndexOf(':', StringComparison.Ordinal)];
        var lines = Minimal.Split('\n').Where(other => !other.StartsWith(member + ":", StringComparison.Ordinal)).Append(line);
        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read(string.Join('\n', lines)));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_listed_at_once()
    {
        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read("key: X\nversion: 1\ncolour: red\n"));
        Assert.Equal(
            ["key", "accuracy", "command", "version", "image", "output", "colour"],
            refusal.Message.Split('\n').Select(line => line.Split(": ")[2]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a list")]
    [InlineData("key: [unclosed")]
    [InlineData("key: a\nkey: b")]
    public void What_is_no_mapping_is_refused(string text) => Assert.Throws<InputException>(() => ManifestReader.Read(text));
}
