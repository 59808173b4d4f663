using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>What a nurse is asked reads as a sentence.</summary>
public sealed class QuestionTests
{
    [Theory]
    [InlineData("8310-5", "Cel", "What is the body temperature in degrees Celsius, measured within the last 12 hours?")]
    [InlineData("59408-5", "%", "What is the oxygen saturation by pulse oximetry in percent, measured within the last 12 hours?")]
    [InlineData("8867-4", "/min", "What is the heart rate per minute, measured within the last 12 hours?")]
    [InlineData("9279-1", "{breaths}/min", "What is the respiratory rate in breaths per minute, measured within the last 12 hours?")]
    [InlineData("2160-0", "mg/dL", "What is the creatinine in serum or plasma in milligrams per deciliter, measured within the last 12 hours?")]
    [InlineData("2160-0", "umol/L", "What is the creatinine in serum or plasma in micromoles per liter, measured within the last 12 hours?")]
    [InlineData("6690-2", "10*3/uL", "What is the leukocyte count in blood (automated) in thousands per microliter, measured within the last 12 hours?")]
    [InlineData("48642-3", "mL/min/{1.73_m2}", "What is the glomerular filtration rate, non-black (MDRD) in milliliters per minute per 1.73 square meters, measured within the last 12 hours?")]
    [InlineData("33762-6", "pg/mL", "What is the NT-proBNP in serum or plasma in picograms per milliliter, measured within the last 12 hours?")]
    [InlineData("48065-7", "ug{FEU}/L", "What is the value with the LOINC code 48065-7 in micrograms (FEU) per liter, measured within the last 12 hours?")]
    [InlineData("2744-1", "[pH]", "What is the pH of arterial blood, measured within the last 12 hours?")]
    [InlineData("3016-3", "m[IU]/L", "What is the thyrotropin (TSH) in serum or plasma in milli-international units per liter, measured within the last 12 hours?")]
    [InlineData("8302-2", "[in_i]", "What is the body height in inches, measured within the last 12 hours?")]
    [InlineData("9269-2", "{score}", "What is the Glasgow coma score total, as a number, measured within the last 12 hours?")]
    [InlineData("8310-5", "Cel/[degF]", "What is the body temperature in Cel/[degF], measured within the last 12 hours?")]
    public void A_measurement_is_asked_for_with_its_unit_and_age_in_words(string code, string unit, string ask) =>
        Assert.Equal(ask, Ask(new ObservationRequirement { Code = code, Unit = unit, MaxAge = TimeSpan.FromHours(12) }));

    [Theory]
    [InlineData("38341003", null, "Does the patient have the condition with the SNOMED CT code 38341003?")]
    [InlineData("44054006", "Type 2 diabetes", "Does the patient have type 2 diabetes?")]
    public void A_condition_is_asked_for_by_its_name(string code, string? display, string ask) => Assert.Equal(ask, Ask(new ConditionRequirement { Code = code, Display = display }));

    [Theory]
    [InlineData("860975", null, "Does the patient take the medicine with the RxNorm code 860975?")]
    [InlineData("11289", "Warfarin", "Does the patient take warfarin?")]
    public void A_medicine_is_asked_for_by_its_name(string code, string? display, string ask) => Assert.Equal(ask, Ask(new MedicationRequirement { Code = code, Display = display }));

    [Fact]
    public void Coded_answers_are_offered_in_words_and_the_manifests_own_sentence_is_passed_on()
    {
        var level = new ObservationRequirement
        {
            Code = "67775-7",
            Display = "Level of responsiveness",
            AcceptedCodes = new Dictionary<string, string>(StringComparer.Ordinal) { ["http://loinc.org|LA9340-6"] = "A", ["http://loinc.org|LA9341-4"] = "V" },
            AnswerWords = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "alert", ["V"] = "responds to voice" },
        };
        Assert.Equal("What is the level of responsiveness: alert or responds to voice?", Ask(level));
        Assert.Equal("Ist der Patient wach?", Ask(level with { Ask = "Ist der Patient wach?" }));
    }

    private static string Ask(Requirement requirement) => new MissingItem(requirement, MissCause.NoMatch, "").Ask;
}
