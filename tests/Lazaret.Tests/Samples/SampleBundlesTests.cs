using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using SepsisNews2;

namespace Lazaret.Tests.Samples;

public sealed class SampleBundlesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 30, 0, TimeSpan.FromHours(1));

    [Fact]
    public void The_septic_patient_scores_sixteen_and_the_healthy_one_nothing()
    {
        Assert.Equal(16, News2.Score(Charted(SampleBundles.Septic)).Total);
        Assert.Equal(0, News2.Score(Charted(SampleBundles.Healthy)).Total);
    }

    [Fact]
    public void A_bundle_holds_a_patient_and_fresh_final_observations_that_point_to_it()
    {
        var entries = Entries(SampleBundles.Render(SampleBundles.Septic, Now));

        Assert.Equal(8, entries.Count);
        Assert.Equal("Patient", (string?)entries[0]["resource"]!["resourceType"]);
        Assert.All(entries, entry => Assert.EndsWith(
            $"/{entry["resource"]!["resourceType"]}/{entry["resource"]!["id"]}", (string)entry["fullUrl"]!, StringComparison.Ordinal));
        Assert.Equal(entries.Count, entries.Select(entry => (string?)entry["fullUrl"]).Distinct(StringComparer.Ordinal).Count());
        Assert.All(entries.Skip(1), entry =>
        {
            var observation = entry["resource"]!;
            Assert.Equal("Observation", (string?)observation["resourceType"]);
            Assert.Equal("final", (string?)observation["status"]);
            Assert.Equal("Patient/septic", (string?)observation["subject"]!["reference"]);
            Assert.InRange((DateTimeOffset)observation["effectiveDateTime"]!, Now.AddHours(-1), Now);
        });
    }

    [Fact]
    public void An_observation_can_be_left_out()
    {
        var codes = Entries(SampleBundles.Render(SampleBundles.Septic, Now, "8310-5")).Skip(1)
            .Select(entry => (string?)entry["resource"]!["code"]!["coding"]![0]!["code"]);

        Assert.Equal(["9279-1", "59408-5", "3151-8", "85354-9", "8867-4", "67775-7"], codes);
    }

    [Fact]
    public void An_observation_that_is_not_there_cannot_be_left_out() =>
        Assert.Throws<ArgumentException>(() => SampleBundles.Render(SampleBundles.Septic, Now, "2160-0"));

    private static IReadOnlyList<JsonNode> Entries(byte[] bundle) => [.. JsonNode.Parse(bundle)!["entry"]!.AsArray().Select(entry => entry!)];

    private static Vitals Charted(BedsidePatient patient) => new()
    {
        Respiration = patient.Respiration,
        OxygenSaturation = patient.OxygenSaturation,
        OxygenFlow = patient.OxygenFlow,
        SystolicPressure = patient.Systolic,
        Pulse = patient.Pulse,
        Temperature = patient.Temperature,
        Consciousness = patient.Consciousness == Acvpu.Alert ? Consciousness.Alert : Consciousness.NewConfusion,
    };
}
