using System.Globalization;
using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

public sealed class NegotiatedUnitTests
{
    [Fact]
    public void Units_are_converted_exactly()
    {
        var inGrams = Creatinine.Replace("1.1,\"unit\":\"mg/dL\"", "0.0110", StringComparison.Ordinal)
            .Replace("\"code\":\"mg/dL\"", "\"code\":\"g/L\"", StringComparison.Ordinal);

        var item = Assert.Single(Negotiate([NeedsCreatinine], Patient, inGrams).Chosen);

        Assert.Equal(new ChosenValue.Measured(1.1m, "mg/dL"), item.Value);
        Assert.Equal(new DateTimeOffset(2024, 5, 20, 8, 0, 0, TimeSpan.Zero), item.Earliest);
    }

    /// <summary>Unit asked for, unit found, value found, and the value that the model gets; none where the unit does not lead there with certainty.</summary>
    [Theory]
    [InlineData("Cel", "[degF]", "101.48", "38.6")]
    [InlineData("Cel", "[degF]", "98.7", "37.0555555555556")]
    [InlineData("Cel", "K", "310.15", "37")]
    [InlineData("kg", "[lb_av]", "165", "74.84274105")]
    [InlineData("kg", "g", "70500", "70.5")]
    [InlineData("mm[Hg]", "kPa", "16", "120.010200867074")]
    [InlineData("/min", "1/min", "72", "72")]
    [InlineData("/min", "{beat}/min", "72", "72")]
    [InlineData("/min", "Hz", "1.2", "72")]
    [InlineData("%", "1", "0.97", "97")]
    [InlineData("mg/dL", "umol/L", "88.4", "0.9999808")]
    [InlineData("Cel", "C", "37", null)]
    [InlineData("Cel", "degF", "98.6", null)]
    [InlineData("mmol/L", "meq/L", "2", null)]
    [InlineData("Gy", "Sv", "2", null)]
    [InlineData("{RBC}/uL", "{WBC}/uL", "2", null)]
    [InlineData("[IU]/L", "U/L", "2", null)]
    [InlineData("kPa", "mg/dL", "2", null)]
    public void A_value_in_another_unit_is_converted_by_UCUM_and_says_from_what(string asked, string found, string value, string? expected)
    {
        var requirement = new ObservationRequirement { Code = "2160-0", Unit = asked, MolarMass = asked == "mg/dL" ? 113.12m : null };
        var observation = Creatinine.Replace("\"value\":1.1,\"unit\":\"mg/dL\"", $"\"value\":{value}", StringComparison.Ordinal)
            .Replace("\"code\":\"mg/dL\"", $"\"code\":\"{found}\"", StringComparison.Ordinal);

        var negotiation = Negotiate([requirement], Patient, observation);

        if (expected is null)
        {
            Assert.Equal("unit", Assert.Single(negotiation.Missing).Reason.Name);
            return;
        }

        var item = Assert.Single(negotiation.Chosen);
        Assert.Equal(new ChosenValue.Measured(decimal.Parse(expected, CultureInfo.InvariantCulture), asked), item.Value);
        Assert.Equal(new ChosenValue.Measured(decimal.Parse(value, CultureInfo.InvariantCulture), found), item.ConvertedFrom);
    }

    [Fact]
    public void A_value_in_the_unit_asked_for_was_not_converted() =>
        Assert.Null(Assert.Single(Negotiate([NeedsCreatinine], Patient, Creatinine).Chosen).ConvertedFrom);

    [Theory]
    [InlineData("mmol/L", "meq/L", "0.5", "0.55")]
    [InlineData("Cel", "Cel{oral}", "1", "1.1")]
    public void A_declared_factor_answers_what_UCUM_leaves_open(string asked, string found, string factor, string expected)
    {
        var open = new ObservationRequirement { Code = "8310-5", Unit = asked };
        var requirement = open with
        {
            AcceptedUnits = new Dictionary<string, decimal>(StringComparer.Ordinal) { [found] = decimal.Parse(factor, CultureInfo.InvariantCulture) },
        };
        var observation = Creatinine.Replace("2160-0", "8310-5", StringComparison.Ordinal).Replace("\"mg/dL\"", $"\"{found}\"", StringComparison.Ordinal);

        Assert.Equal("unit", Assert.Single(Negotiate([open], Patient, observation).Missing).Reason.Name);
        Assert.Equal(
            new ChosenValue.Measured(decimal.Parse(expected, CultureInfo.InvariantCulture), asked),
            Assert.Single(Negotiate([requirement], Patient, observation).Chosen).Value);
    }

    [Fact]
    public void The_range_is_held_against_the_converted_value()
    {
        var fever = Creatinine.Replace("1.1,\"unit\":\"mg/dL\"", "101.48", StringComparison.Ordinal).Replace("\"mg/dL\"", "\"[degF]\"", StringComparison.Ordinal);
        var requirement = new ObservationRequirement { Code = "2160-0", Unit = "Cel", Range = new ValueRange(25, 45) };

        Assert.Equal("satisfied", Negotiate([requirement], Patient, fever).Verdict);
        Assert.Equal("implausible", Assert.Single(Negotiate([requirement], Patient, fever.Replace("101.48", "38.6e2", StringComparison.Ordinal)).Missing).Reason.Name);
    }
}
