using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Negotiations;

public sealed class RequirementTests
{
    [Theory]
    [InlineData("8310-5", true)]
    [InlineData("2160-0", true)]
    [InlineData("59408-5", true)]
    [InlineData("85354-9", true)]
    [InlineData("9279-1", true)]
    [InlineData("8310-6", false)]
    [InlineData("8301-5", false)]
    [InlineData("83105", false)]
    [InlineData("-5", false)]
    [InlineData("", false)]
    [InlineData("8310-", false)]
    [InlineData("831O-5", false)]
    public void Loinc_check_digits_are_verified(string code, bool isValid) => Assert.Equal(isValid, Loinc.HasValidCheckDigit(code));

    [Fact]
    public void A_sound_requirement_has_no_faults() => Assert.Empty(new ObservationRequirement
    {
        Code = "8480-6",
        ComponentOf = ["85354-9"],
        Unit = "mm[Hg]",
        AcceptedUnits = new Dictionary<string, decimal>(StringComparer.Ordinal) { ["mm[Hg]"] = 1, ["kPa"] = 7.50062m },
        MaxAge = TimeSpan.FromDays(1),
        Range = new ValueRange(30, 300),
        Statuses = ["preliminary"],
    }.Faults());

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var faults = new ObservationRequirement
        {
            Code = "8480-7",
            System = Loinc.System,
            AlsoCodes = ["8480-7", "8 480"],
            ComponentOf = ["1-1"],
            Unit = "mm Hg",
            AcceptedUnits = new Dictionary<string, decimal>(StringComparer.Ordinal) { ["kPa"] = 0 },
            AcceptedCodes = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "" },
            MaxAge = TimeSpan.Zero,
            Range = new ValueRange(300, 30),
            Statuses = ["cancelled"],
        }.Faults();

        Assert.Equal(
            ["accepted_codes", "accepted_units", "also_codes", "code", "component_of", "max_age", "range", "statuses", "unit"],
            faults.Select(fault => fault.Split(' ')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    /// <summary>A code, its unit, another unit with a factor, a molar mass, and what the only fault says; none where there is none.</summary>
    [Theory]
    [InlineData("8480-6", "mmHg", null, 0, 0, "unit mmHg is no UCUM: 'mmHg' is no unit; UCUM writes mm[Hg]")]
    [InlineData("8480-6", "foo", null, 0, 0, "unit foo is no UCUM")]
    [InlineData("8310-5", "[degF]", null, 0, 0, null)]
    [InlineData("8310-5", "K", null, 0, 0, null)]
    [InlineData("8310-5", "mm[Hg]", null, 0, 0, "unit mm[Hg] cannot be of 8310-5: LOINC's property is Temp, as in Cel")]
    [InlineData("8310-5", "C", null, 0, 0, "C is coulomb; degrees Celsius are Cel")]
    [InlineData("8310-5", "F", null, 0, 0, "F is farad; degrees Fahrenheit are [degF]")]
    [InlineData("6690-2", "K/uL", null, 0, 0, "K is kelvin; thousands in a microliter are 10*3/uL")]
    [InlineData("6690-2", "10*9/L", null, 0, 0, null)]
    [InlineData("6690-2", "mmol/L", null, 0, 0, "LOINC's property is NCnc")]
    [InlineData("8867-4", "/min", null, 0, 0, null)]
    [InlineData("2951-2", "meq/L", null, 0, 0, null)]
    [InlineData("4548-4", "mmol/mol", null, 0, 0, "LOINC's property is MFr")]
    [InlineData("33914-3", "mL/min", null, 0, 0, null)]
    [InlineData("2744-1", "[pH]", null, 0, 0, null)]
    [InlineData("2744-1", "pH", null, 0, 0, "pH is picohenry; acidity is [pH]")]
    [InlineData("2160-0", "umol/L", null, 0, 0, "unit umol/L cannot be of 2160-0: LOINC's property is MCnc")]
    [InlineData("2160-0", "umol/L", null, 0, 113.12, null)]
    [InlineData("2160-0", "umol/L", "mg/dL", 88.4, 0, null)]
    [InlineData("99999-0", "kPa", null, 0, 0, "its check digit is wrong")]
    [InlineData("38208-5", "kPa", null, 0, 0, null)]
    [InlineData("8310-5", "Cel", "[degF]", 0.5556, 0, "no factor leads from [degF] to Cel; leave it out, UCUM converts them")]
    [InlineData("8310-5", "K", "Cel", 1, 0, "no factor leads from Cel to K; leave it out")]
    [InlineData("8310-5", "Cel", "Cel{oral}", 1, 0, null)]
    [InlineData("8310-5", "Cel", "Cel{oral}", 1.1, 0, "the factor to Cel is 1 by UCUM, not 1.1")]
    [InlineData("8310-5", "Cel", "mCel", 0.001, 0, "no factor leads from mCel to Cel; leave it out, UCUM converts them")]
    [InlineData("29463-7", "kg", "[lb_av]", 0.4536, 0, null)]
    [InlineData("29463-7", "kg", "[lb_av]", 2.2046, 0, "the factor to kg is 0.45359237 by UCUM, not 2.2046; it may be left out")]
    [InlineData("29463-7", "kg", "lbs", 0.4536, 0, "accepted_units lbs is no UCUM: 'lbs' is no unit; UCUM writes [lb_av]")]
    [InlineData("29463-7", "kg", "m", 1, 0, "m and kg are of different dimensions")]
    [InlineData("2160-0", "mg/dL", "umol/L", 0.0113, 0, null)]
    [InlineData("2160-0", "mg/dL", "umol/L", 0.0113, 113.12, null)]
    [InlineData("2160-0", "mg/dL", "umol/L", 0.113, 113.12, "the factor to mg/dL is 0.011312 by UCUM and molar_mass, not 0.113")]
    [InlineData("2160-0", "mg/dL", null, 0, -1, "molar_mass must be above 0")]
    [InlineData("8480-6", "kPa", null, 0, 0, null)]
    [InlineData("8310-5", "Cel", null, 0, 18, "molar_mass says nothing about unit Cel")]
    public void Units_are_held_against_UCUM_and_against_LOINCs_property(string code, string unit, string? other, double factor, double molarMass, string? expected)
    {
        var faults = new ObservationRequirement
        {
            Code = code,
            Unit = unit,
            AcceptedUnits = other is null ? new Dictionary<string, decimal>(StringComparer.Ordinal) : new Dictionary<string, decimal>(StringComparer.Ordinal) { [other] = (decimal)factor },
            MolarMass = molarMass == 0 ? null : (decimal)molarMass,
        }.Faults();

        if (expected is null)
            Assert.Empty(faults);
        else
            Assert.Contains(expected, Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void The_codes_whose_property_is_known_are_codes_with_units() => Assert.All(LoincProperty.Codes, code =>
    {
        Assert.True(Loinc.HasValidCheckDigit(code), code);
        Assert.Empty(new ObservationRequirement { Code = code, Unit = LoincProperty.Of(code)!.ExampleUnit }.Faults());
        Assert.All(LoincProperty.Of(code)!.Units, unit => Assert.NotNull(Lazaret.Fhir.Units.UcumUnit.Parse(unit)));
    });

    [Fact]
    public void A_code_names_one_requirement() =>
        Assert.Equal(
            ["8480-6: required 2 times"],
            Requirement.FaultsOf([new ObservationRequirement { Code = "8480-6" }, new ObservationRequirement { Code = "8480-6" }]));
}
