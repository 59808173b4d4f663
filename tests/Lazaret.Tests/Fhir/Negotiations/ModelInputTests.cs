using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Models;
using Lazaret.SampleSite;

namespace Lazaret.Tests.Fhir.Negotiations;

public sealed class ModelInputTests
{
    private static readonly DateTimeOffset Now = new(2024, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Only_values_units_and_ages_are_written()
    {
        var satisfied = new Negotiation.Satisfied([], [
            new(new ObservationRequirement { Code = "8310-5", Unit = "Cel" }, "Observation/o1", new ChosenValue.Measured(38.40m, "Cel"), Now.AddMinutes(-30)),
            new(new ObservationRequirement { Code = "67775-7" }, "Observation/o2", new ChosenValue.Token("A"), Now.AddSeconds(-60.5)),
            new(new ObservationRequirement { Code = "9279-1", Unit = "/min" }, "Observation/o3", new ChosenValue.Measured(18, "/min"), null),
            new(new ConditionRequirement { Code = "44054006" }, "Condition/c1", new ChosenValue.Present(), Now.AddDays(-1)),
        ]);

        Assert.Equal(
            """{"model":{"key":"sepsis","version":"1.0.0"},"subject":"00ff","observations":{"8310-5":{"value":38.40,"unit":"Cel","age_seconds":1800},"67775-7":{"value":"A","age_seconds":60},"9279-1":{"value":18,"unit":"/min"}},"conditions":{"44054006":{"age_seconds":86400}}}""",
            Encoding.UTF8.GetString(ModelInput.ToJson("sepsis", "1.0.0", "00ff", satisfied, Now)));
    }

    [Fact]
    public void A_name_planted_anywhere_in_the_bundle_is_not_in_the_models_input()
    {
        var (_, model) = ManifestReader.ReadFile(Repository.File("artifacts", "lazaret", "samples", "sepsis-news2", "manifest.yaml"));
        var bundle = Encoding.UTF8.GetBytes(PlantedName.In(JsonNode.Parse(SampleBundles.Render(SampleBundles.Septic, Now))!).ToJsonString());
        var reading = Assert.IsType<BundleReading.Readable>(BundleReader.Read(bundle));

        var satisfied = Assert.IsType<Negotiation.Satisfied>(Negotiator.Negotiate(model.Requirements, reading.Bundle, Now));
        var input = Encoding.UTF8.GetString(ModelInput.ToJson("sepsis", "1.0.0", "00ff", satisfied, Now));

        Assert.Contains("39.2", input, StringComparison.Ordinal);
        Assert.DoesNotContain(PlantedName.Name, input, StringComparison.OrdinalIgnoreCase);
    }
}
