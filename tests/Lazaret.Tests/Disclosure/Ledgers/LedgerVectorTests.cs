using System.Text.Json;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Tests.Disclosure.Ledgers;

/// <summary>Every decision of <c>ledger_vectors.json</c>, in both forms of the ledger.</summary>
public sealed class LedgerVectorTests
{
    private const int Subjects = 24;
    private const double Step = 0.001;
    private const double Tolerance = 1e-5;

    private static readonly JsonElement Vectors = VectorFile.Read("ledger_vectors.json");
    private static readonly LedgerLimits Half = LedgerLimits.None with { Leverage = 0.5, MinimumCohort = 5 };
    private static readonly SubjectSet Everybody = SubjectSet.First(Subjects);

    [Theory]
    [InlineData("exact", 0, 1000)]
    [InlineData("exact", 0, 0)]
    [InlineData("guarded", 0.25, 1000)]
    [InlineData("guarded", 0.25, 0)]
    public void Twelve_queries_are_decided_as_the_vectors_say(string profile, double c, int denseUpTo)
    {
        var ledger = new LeverageLedger(Subjects, denseUpTo);
        var expected = Vectors.GetProperty("expected").GetProperty(profile);
        foreach (var (query, after) in Vectors.GetProperty("queries").EnumerateArray().Zip(expected.GetProperty("after").EnumerateArray()))
        {
            if (after.GetProperty("decision").GetString() != "stored")
                AssertDecided(ledger, ChargesOf(query, c), after);
            Assert.Equal(after.Number("sum_after"), ledger.Leverages.Sum(), Tolerance);
        }

        foreach (var (leverage, actual) in expected.Numbers("final_leverage").Zip(ledger.Leverages))
            Assert.Equal(leverage, actual, Tolerance);
    }

    [Fact]
    public void A_family_shares_a_ledger()
    {
        var vectors = Vectors.GetProperty("family");
        var families = vectors.GetProperty("families").EnumerateObject()
            .SelectMany(family => family.Value.EnumerateArray().Select(outcome => (Outcome: outcome.GetString()!, Family: family.Name)))
            .ToDictionary(pair => pair.Outcome, pair => pair.Family, StringComparer.Ordinal);
        var ledgers = families.Values.Distinct().ToDictionary(family => family, _ => new LeverageLedger(Subjects), StringComparer.Ordinal);
        foreach (var (query, expected) in vectors.GetProperty("queries").EnumerateArray().Zip(vectors.GetProperty("expected").EnumerateArray()))
        {
            var family = families[query.GetProperty("outcome").GetString()!];
            Assert.Equal(expected.GetProperty("family").GetString(), family);
            LedgerCharge[] charges = [ChargeOf(UsedScores.OfValues(query.Numbers("scores"))!, Everybody, 0)];
            var trial = ledgers[family].Try(charges, Half);
            Assert.Equal(expected.Number("max"), trial.MaxLeverage, Tolerance);
            Assert.Equal(expected.GetProperty("decision").GetString() == "release", trial.Rule is null);
            if (trial.Rule is null)
                ledgers[family].Add(trial, charges);
        }
    }

    [Fact]
    public void Two_projects_together_break_the_site_s_limit()
    {
        var vectors = Vectors.GetProperty("projects");
        var site = new LeverageLedger(Subjects);
        foreach (var (query, expected) in vectors.GetProperty("queries").EnumerateArray().Zip(vectors.GetProperty("expected").EnumerateArray()))
        {
            var project = new LeverageLedger(Subjects);
            LedgerCharge[] charges = [ChargeOf(UsedScores.OfValues(query.Numbers("scores"))!, Everybody, 0)];
            var (own, all) = (project.Try(charges, Half), site.Try(charges, Half with { Leverage = vectors.Number("site_limit") }));
            Assert.Equal(expected.Number("project_max"), own.MaxLeverage, Tolerance);
            Assert.Equal(expected.Number("site_max"), all.MaxLeverage, Tolerance);
            Assert.Equal(expected.GetProperty("decision").GetString() == "release", (own.Rule ?? all.Rule) is null);
            if ((own.Rule ?? all.Rule) is null)
                site.Add(all, charges);
        }
    }

    private static void AssertDecided(LeverageLedger ledger, LedgerCharge[] charges, JsonElement expected)
    {
        var trial = ledger.Try(charges, Half);
        Assert.Equal(expected.Number("max"), trial.MaxLeverage, Tolerance);
        Assert.Equal(expected.GetProperty("subject").GetInt32(), trial.MostExposed);
        Assert.Equal(expected.Number("group_max"), trial.MaxGroupLeverage, Tolerance);
        Assert.Equal(expected.GetProperty("group").EnumerateArray().Select(subject => subject.GetInt32()), trial.MostExposedGroup);
        Assert.Equal(expected.Number("bits"), trial.Bits, Tolerance);
        BlockRule? rule = expected.TryGetProperty("by", out var by) ? by.GetString() == "group" ? BlockRule.GroupLeverage : BlockRule.Leverage : null;
        Assert.Equal(rule, trial.Rule);
        if (trial.Rule is null)
            ledger.Add(trial, charges);
    }

    private static LedgerCharge[] ChargesOf(JsonElement query, double c)
    {
        var cohort = SubjectSet.Of([.. query.GetProperty("cohort").EnumerateArray().Select(subject => subject.GetInt32())]);
        if (query.TryGetProperty("batch", out var batch))
            return [.. batch.EnumerateArray().Select(map => ChargeOf(UsedScores.OfValues([.. map.EnumerateArray().Select(score => score.GetDouble())])!, cohort, c))];
        if (query.TryGetProperty("ranks", out _))
            return [ChargeOf(UsedScores.OfRanks(query.Numbers("scores"))!, cohort, c)];
        if (query.TryGetProperty("covariate", out _))
            return [ChargeOf(UsedScores.OfResiduals(query.Numbers("scores"), [query.Numbers("covariate")])!, cohort, c)];
        return [ChargeOf(UsedScores.OfValues(query.Numbers("scores"))!, cohort, c)];
    }

    private static LedgerCharge ChargeOf(UsedScores scores, SubjectSet cohort, double c) =>
        new(cohort, [scores.Row(Step, c / Math.Sqrt(cohort.Count - 1))]);
}
