using System.Text;
using Lazaret.Fhir.Negotiations;

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
}
