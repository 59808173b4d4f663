using System.Text.Json.Nodes;
using SepsisNews2;
using YamlDotNet.Serialization;

namespace Lazaret.Tests.Samples;

public sealed class SepsisModelTests : IDisposable
{
    private const string Complete =
        """
        {"model":{"key":"sepsis","version":"1.0.0"},"subject":"3f1c","observations":{
        "9279-1":{"value":22,"unit":"/min","age_seconds":60},"59408-5":{"value":95,"unit":"%","age_seconds":60},
        "8480-6":{"value":104,"unit":"mm[Hg]","age_seconds":60},"8867-4":{"value":112,"unit":"/min","age_seconds":60},
        "8310-5":{"value":38.4,"unit":"Cel","age_seconds":1800},"3151-8":{"value":2,"unit":"L/min","age_seconds":60},
        "67775-7":{"value":"A"}}}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lazaret-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_good_input_becomes_the_four_declared_fields()
    {
        var (exitCode, output, complaint) = Run(Complete);

        Assert.Equal(Model.Done, exitCode);
        Assert.Equal("""{"diagnosis":"POSITIVE","score":9,"risk":"high","complete":true}""", output);
        Assert.Null(complaint);
    }

    [Theory]
    [InlineData(16, "NEGATIVE", 0, "low")]
    [InlineData(25, "POSITIVE", 3, "low-medium")]
    public void Risks_have_the_names_of_the_manifest(int respiration, string diagnosis, int score, string risk)
    {
        var input = JsonNode.Parse(Complete)!;
        var observations = input["observations"]!.AsObject();
        foreach (var (code, value) in new (string, decimal)[]
                 { ("9279-1", respiration), ("59408-5", 97), ("8480-6", 120), ("8867-4", 70), ("8310-5", 37), ("3151-8", 0) })
            observations[code]!["value"] = value;

        Assert.Equal($$"""{"diagnosis":"{{diagnosis}}","score":{{score}},"risk":"{{risk}}","complete":true}""", Run(input.ToJsonString()).Output);
    }

    [Theory]
    [InlineData("""{"observations":{""", "not JSON: line 1, byte 18")]
    [InlineData("""{"observations":{},"observations":{}}""", "a name is given twice")]
    [InlineData("[]", "observations: an object is required")]
    [InlineData("{}", "observations: an object is required")]
    public void What_is_no_input_at_all_is_refused(string json, string fault)
    {
        var (exitCode, output, complaint) = Run(json);

        Assert.Equal((Model.BadInput, null), (exitCode, output));
        Assert.Contains(fault, complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"8310-5\"", "\"8310-55\"", "observations.8310-55: unknown; observations.8310-5: missing")]
    [InlineData("\"subject\"", "\"name\"", "name: unknown")]
    [InlineData("\"age_seconds\":1800", "\"age\":1800", "observations.8310-5.age: unknown")]
    [InlineData("\"Cel\"", "\"[degF]\"", "observations.8310-5.unit: Cel is expected")]
    [InlineData(",\"unit\":\"Cel\"", "", "observations.8310-5.unit: Cel is expected")]
    [InlineData("38.4", "\"38.4\"", "observations.8310-5.value: a number from 25 to 45 is expected")]
    [InlineData("38.4", "45.1", "observations.8310-5.value: a number from 25 to 45 is expected")]
    [InlineData("38.4", "1e400", "observations.8310-5.value: a number from 25 to 45 is expected")]
    [InlineData("\"value\":95,", "", "observations.59408-5.value: a number from 30 to 100 is expected")]
    [InlineData("{\"value\":\"A\"}", "{\"value\":\"a\"}", "observations.67775-7.value: A, C, V, P or U is expected")]
    [InlineData("{\"value\":\"A\"}", "\"A\"", "observations.67775-7: an object is required")]
    [InlineData("\"subject\"", "\"a\\nb\"", "a\\nb: unknown")]
    public void A_fault_is_named_by_its_place(string good, string bad, string fault)
    {
        Assert.Contains(good, Complete, StringComparison.Ordinal);

        var (exitCode, output, complaint) = Run(Complete.Replace(good, bad, StringComparison.Ordinal));

        Assert.Equal((Model.BadInput, null), (exitCode, output));
        Assert.EndsWith($"input.json: {fault}", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_missing_mandatory_observation_is_named_on_one_line() =>
        Assert.EndsWith(
            "observations.9279-1: missing; observations.59408-5: missing; observations.8480-6: missing; observations.8867-4: missing; observations.8310-5: missing",
            Run("""{"observations":{}}""").Complaint,
            StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_a_bad_input()
    {
        var exitCode = Model.Run(Path.Combine(_folder.FullName, "absent.json"), Path.Combine(_folder.FullName, "out.json"), _ => { });

        Assert.Equal(Model.BadInput, exitCode);
    }

    [Fact]
    public void The_manifest_asks_for_what_the_program_reads()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples/data/sepsis-news2.yaml"));
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(text);
        var manifest = JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml))!;
        var asked = manifest["requires"]!["observations"]!.AsArray().ToDictionary(o => (string)o!["code"]!, o => o!);

        ChartRow[] mandatory = [Chart.Respiration, Chart.OxygenSaturation, Chart.SystolicPressure, Chart.Pulse, Chart.Temperature];
        ChartRow[] measured = [.. mandatory, Chart.OxygenFlow];
        Assert.Equal(measured.Select(row => row.Code).Append(ModelInput.ConsciousnessCode), asked.Keys);
        foreach (var row in measured)
        {
            var observation = asked[row.Code];
            Assert.Equal(row.Unit, (string?)observation["unit"]);
            Assert.Equal(
                (row.Plausible.Lowest, row.Plausible.Highest),
                ((decimal)observation["range"]![0]!, (decimal)observation["range"]![1]!));
            Assert.Equal(mandatory.Contains(row), (bool)observation["mandatory"]!);
        }

        foreach (var letter in asked[ModelInput.ConsciousnessCode]["accepted_codes"]!.AsObject().Select(pair => (string)pair.Value!))
            Assert.Equal(Model.Done, Run(Complete.Replace("{\"value\":\"A\"}", $$"""{"value":"{{letter}}"}""", StringComparison.Ordinal)).ExitCode);
    }

    private (int ExitCode, string? Output, string? Complaint) Run(string json)
    {
        var input = Path.Combine(_folder.FullName, "input.json");
        var output = Path.Combine(_folder.FullName, "output.json");
        string? complaint = null;
        File.WriteAllText(input, json);

        var exitCode = Model.Run(input, output, line => complaint = line);

        return (exitCode, File.Exists(output) ? File.ReadAllText(output) : null, complaint);
    }
}
