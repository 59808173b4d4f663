using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Tests.Disclosure.Ledgers;

public sealed class LeverageLedgerTests
{
    private static readonly LedgerLimits Strict = new() { Leverage = 0.5, Pair = 0.75, MinimumCohort = 5, BitsPerSubject = double.PositiveInfinity };

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    public void Both_forms_agree(double c)
    {
        var random = new Random(3);
        var (dense, lowRank, changing) = (new LeverageLedger(90), new LeverageLedger(90, denseUpTo: 0), new LeverageLedger(90, denseUpTo: 100));
        for (var round = 0; round < 60; round++)
        {
            if (round % 15 == 14)
            {
                foreach (var ledger in new[] { dense, lowRank, changing })
                    ledger.Grow(dense.Subjects + 12);
            }

            var charges = Charges(random, dense.Subjects, c);
            var trials = new[] { dense, lowRank, changing }.Select(ledger => ledger.Try(charges, LedgerLimits.None with { MinimumCohort = 5, Pair = 0.75 })).ToArray();
            foreach (var trial in trials[1..])
            {
                Assert.Equal(trials[0].MaxLeverage, trial.MaxLeverage, 1e-9);
                Assert.Equal(trials[0].MaxGroupLeverage, trial.MaxGroupLeverage, 1e-9);
                Assert.Equal(trials[0].MaxPairLeverage, trial.MaxPairLeverage, 1e-9);
                Assert.Equal(trials[0].Bits, trial.Bits, 1e-6);
            }

            dense.Add(charges);
            lowRank.Add(trials[1], charges);
            changing.Add(trials[2], charges);
            Assert.All(dense.Leverages.Zip(lowRank.Leverages, changing.Leverages), three =>
            {
                Assert.Equal(three.First, three.Second, 1e-9);
                Assert.Equal(three.First, three.Third, 1e-9);
                Assert.InRange(three.First, 0, 1);
            });
        }

        Assert.True(dense.Leverages.Max() > 0.7);
    }

    [Fact]
    public void The_order_of_charges_does_not_matter()
    {
        var random = new Random(4);
        LedgerCharge[][] charges = [.. Enumerable.Range(0, 12).Select(_ => Charges(random, 40, 0.25))];
        var (forwards, backwards) = (new LeverageLedger(40), new LeverageLedger(40));
        foreach (var charge in charges)
            forwards.Add(charge);
        foreach (var charge in charges.Reverse())
            backwards.Add(charge);
        Assert.All(forwards.Leverages.Zip(backwards.Leverages), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Theory]
    [InlineData(1e-30)]
    [InlineData(7)]
    [InlineData(1e200)]
    public void Rescaled_scores_are_the_same_row(double factor)
    {
        var scores = Gaussian.Column(new Random(5), 30);
        var one = LedgerRow.Of(scores, 1)!;
        var other = LedgerRow.Of(Array.ConvertAll(scores, score => score * factor), 1)!;
        Assert.All(one.Weights.Zip(other.Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
        Assert.Equal(1, other.Weights.Sum(weight => weight * weight), 1e-14);
    }

    [Fact]
    public void Scores_without_a_length_have_no_row()
    {
        Assert.Null(LedgerRow.Of([0, 0, 0], 1));
        Assert.Null(LedgerRow.Of([1, double.NaN, 0], 1));
        Assert.Null(LedgerRow.Of([1, double.PositiveInfinity, 0], 1));
    }

    [Fact]
    public void New_subjects_enter_with_nothing_told()
    {
        var ledger = new LeverageLedger(30);
        ledger.Add(Charges(new Random(6), 30, 0));
        ledger.Grow(35);
        Assert.Equal(35, ledger.Subjects);
        Assert.All(ledger.Leverages.Skip(30), leverage => Assert.Equal(0, leverage));
        Assert.Contains(ledger.Leverages, leverage => leverage > 0);
    }

    [Fact]
    public void A_difference_of_two_subjects_is_refused_though_neither_has_too_much()
    {
        var ledger = new LeverageLedger(30);
        var scores = new double[30];
        (scores[3], scores[8]) = (0.55, -0.55);
        for (var i = 10; i < 30; i++)
            scores[i] = i % 2 == 0 ? 0.05 : -0.05;
        LedgerCharge[] charges = [Charge(SubjectSet.First(30), scores, 0)];
        var trial = ledger.Try(charges, Strict);
        Assert.InRange(trial.MaxLeverage, 0.4, 0.5);
        Assert.Equal(BlockRule.PairLeverage, trial.Rule);
        Assert.Null(ledger.Try(charges, Strict with { Pair = double.PositiveInfinity }).Rule);
        Assert.Equal(trial.MaxPairLeverage, new LeverageLedger(30, denseUpTo: 0).Try(charges, Strict).MaxPairLeverage, 1e-12);
    }

    [Fact]
    public void Bits_are_counted_for_everybody_ever_asked_about()
    {
        var random = new Random(7);
        var ledger = new LeverageLedger(60);
        LedgerCharge[] charges = [Charge(SubjectSet.First(30), Gaussian.Column(random, 30), 0.25)];
        var bits = ledger.Try(charges, LedgerLimits.None).Bits;
        Assert.Equal(BlockRule.Bits, ledger.Try(charges, LedgerLimits.None with { BitsPerSubject = bits / 30 * 0.999 }).Rule);
        Assert.Null(ledger.Try(charges, LedgerLimits.None with { BitsPerSubject = bits / 30 * 1.001 }).Rule);
        ledger.Add(charges);
        Assert.Equal(bits, ledger.Bits);
        // The same answer again, or nearly, holds few bits more: what is known already is not told twice.
        Assert.InRange(ledger.Try(charges, LedgerLimits.None).Bits, 0.3, 0.5);
    }

    [Fact]
    public void Repeats_with_noise_of_their_own_approach_the_answer_and_never_pass_it()
    {
        var ledger = new LeverageLedger(30);
        LedgerCharge[] charges = [Charge(SubjectSet.First(30), Gaussian.Column(new Random(8), 30), 0.25)];
        for (var i = 0; i < 10_000; i++)
            ledger.Add(charges);
        Assert.InRange(ledger.Leverages.Sum(), 1.999, 2.0000001);
        Assert.All(ledger.Leverages, leverage => Assert.InRange(leverage, 0, 1));
    }

    [Fact]
    public void A_trial_changes_nothing_and_is_worth_nothing_once_the_ledger_has_changed()
    {
        var random = new Random(9);
        var ledger = new LeverageLedger(40);
        var (one, other) = (Charges(random, 40, 0), Charges(random, 40, 0));
        var first = ledger.Try(one, Strict);
        var second = ledger.Try(other, Strict);
        Assert.All(ledger.Leverages, leverage => Assert.Equal(0, leverage));
        ledger.Add(first, one);
        Assert.Throws<InvalidOperationException>(() => ledger.Add(second, other));
        Assert.Equal(first.MaxLeverage, ledger.Leverages.Max());
        Assert.Equal(first.MostExposed, ledger.Leverages.ToList().IndexOf(first.MaxLeverage));
    }

    [Fact]
    public void A_charge_is_read_back_from_its_bytes_and_damage_is_refused()
    {
        var random = new Random(10);
        var charge = Charges(random, 40, 0.25)[0];
        charge = new LedgerCharge(charge.Cohort, [.. charge.Rows, LedgerRow.BlockMean([.. charge.Cohort.Select(subject => subject % 2 == 0)])]);
        var bytes = LedgerChargeBytes.Write(charge);
        var read = LedgerChargeBytes.Read(bytes);
        Assert.Equal(charge.Cohort, read.Cohort);
        foreach (var (row, again) in charge.Rows.Zip(read.Rows))
        {
            Assert.Equal(row.Weights, again.Weights);
            Assert.Equal((row.Variance, row.IsKnown), (again.Variance, again.IsKnown));
        }

        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Throws<FormatException>(() => LedgerChargeBytes.Read(bytes.AsSpan(0, length))));
        Assert.Throws<FormatException>(() => LedgerChargeBytes.Read([.. bytes, 0]));
        bytes[^1] ^= 0x40;
        Assert.Throws<FormatException>(() => LedgerChargeBytes.Read(bytes));
    }

    /// <summary>From one map to the next the largest leverage may stay as it is; what is left of it goes on average all the same.</summary>
    [Fact]
    public void What_one_more_costs_is_near_what_maps_cost_on_average()
    {
        var (random, cohort) = (new Random(7), SubjectSet.First(60));
        var ledger = new LeverageLedger(60);
        for (var asked = 0; asked < 10; asked++)
            ledger.Add([Charge(cohort, Gaussian.Column(random, 60), 0)]);
        var said = LedgerForecast.OneMore(ledger, Strict, cohort, LedgerRow.ScoreVariance(60, 0.001, 0));
        var before = ledger.MaxLeverage;
        for (var asked = 0; asked < 10; asked++)
            ledger.Add([Charge(cohort, Gaussian.Column(random, 60), 0)]);
        Assert.InRange(said.Leverage / ((ledger.MaxLeverage - before) / 10), 0.4, 2.5);
        Assert.True(said.Bits > 0);
    }

    private static LedgerCharge[] Charges(Random random, int subjects, double c)
    {
        var share = 0.3 + 0.7 * random.NextDouble();
        var cohort = SubjectSet.Of([.. Enumerable.Range(0, subjects).Where(_ => random.NextDouble() < share)]);
        return [.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => Charge(cohort, Gaussian.Column(random, cohort.Count), c))];
    }

    private static LedgerCharge Charge(SubjectSet cohort, double[] scores, double c) =>
        new(cohort, [UsedScores.OfValues(scores)!.Row(0.001, c / Math.Sqrt(cohort.Count - 1))]);
}
