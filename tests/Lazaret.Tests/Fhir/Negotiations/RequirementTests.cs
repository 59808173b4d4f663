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
        ComponentOf = "85354-9",
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
            ComponentOf = "1-1",
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

    [Fact]
    public void A_code_names_one_requirement() =>
        Assert.Equal(
            ["8480-6: required 2 times"],
            Requirement.FaultsOf([new ObservationRequirement { Code = "8480-6" }, new ObservationRequirement { Code = "8480-6" }]));
}
