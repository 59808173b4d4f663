using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Tests.Disclosure.Simulations;

/// <summary>An attacker who knows every scan and chooses maps by what the ledger has left; the estimate is the best one there is, the posterior mean.</summary>
public sealed class AttackTests
{
    [Theory]
    [InlineData(DisclosureProfile.Exact)]
    [InlineData(DisclosureProfile.Guarded)]
    public void The_best_estimate_correlates_with_nobody_s_outcome_beyond_the_root_of_the_limit(DisclosureProfile profile)
    {
        var (estimates, outcomes) = (new List<double>(), new List<double>());
        for (var seed = 0; seed < 150; seed++)
        {
            var attack = new Attack(new DisclosurePolicy { MinimumCohort = 20, Profile = profile }, 50, seed, Gaussian.Next);
            attack.Run(queries: 150);
            foreach (var (i, leverage) in attack.Site.Ledger.Leverages.Index())
            {
                if (leverage <= 0.45)
                    continue;
                estimates.Add(attack.Estimate[i]);
                outcomes.Add(attack.Standardised[i]);
            }
        }

        Assert.True(estimates.Count > 400, $"{estimates.Count}");
        var correlation = estimates.Zip(outcomes, (m, z) => m * z).Sum() / Math.Sqrt(estimates.Sum(m => m * m) * outcomes.Sum(z => z * z));
        // Three standard errors above √0.5; far enough above chance to show that it is an attack.
        Assert.InRange(correlation, 0.6, Math.Sqrt(0.5) + 3 * 0.5 / Math.Sqrt(estimates.Count));
    }

    [Fact]
    public void The_most_exposed_person_s_binary_outcome_is_guessed_seven_times_in_ten_at_most()
    {
        const int Sites = 600;
        var right = 0;
        for (var seed = 0; seed < Sites; seed++)
        {
            var attack = new Attack(new DisclosurePolicy { MinimumCohort = 20 }, 40, seed, random => random.Next(2));
            attack.Run(queries: 60);
            var leverages = attack.Site.Ledger.Leverages.ToList();
            var most = leverages.IndexOf(leverages.Max());
            right += attack.Estimate[most] > 0 == attack.Standardised[most] > 0 ? 1 : 0;
        }

        // 0.69 by theory, and two standard errors.
        Assert.InRange(right / (double)Sites, 0.55, 0.69 + 2 * Math.Sqrt(0.69 * 0.31 / Sites));
    }

    /// <summary>z and its posterior mean m: m ← m + g(a − wᵀm)/(wᵀg + v) with every answer a = √n·R.</summary>
    private sealed class Attack
    {
        private readonly double[][] _covariance;

        public Attack(DisclosurePolicy policy, int n, int seed, Func<Random, double> outcome)
        {
            Site = new SimulatedSite(policy, n, seed, outcome);
            var mean = Site.Outcome.Average();
            var deviation = Math.Sqrt(Site.Outcome.Average(y => (y - mean) * (y - mean)));
            Standardised = Array.ConvertAll(Site.Outcome, y => (y - mean) / deviation);
            Estimate = new double[n];
            _covariance = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Select(j => i == j ? 1.0 : 0).ToArray())];
            Learn(LedgerRow.Mean(n), 0);
        }

        public SimulatedSite Site { get; }

        public double[] Standardised { get; }

        public double[] Estimate { get; }

        public void Run(int queries)
        {
            var n = Estimate.Length;
            for (var query = 0; query < queries; query++)
            {
                // One person stands out, of whom little is known yet, by as much as chance says; the others blur it.
                var target = Enumerable.Range(0, n).OrderBy(i => Site.Ledger.Leverages[i]).ElementAt(Site.Random.Next(n / 3));
                var scores = Site.IndependentScores();
                scores[target] += 8 * Site.Random.NextDouble();
                if (Site.Ask(scores) is { } answer)
                    Learn(answer.Charge.Rows[0], Math.Sqrt(n) * (double)answer.R);
            }
        }

        private void Learn(LedgerRow row, double answer)
        {
            var n = Estimate.Length;
            var g = Array.ConvertAll(_covariance, covariances => covariances.Zip(row.Weights, (s, w) => s * w).Sum());
            var d = g.Zip(row.Weights, (a, b) => a * b).Sum() + row.Variance;
            var surprise = answer - Estimate.Zip(row.Weights, (m, w) => m * w).Sum();
            for (var i = 0; i < n; i++)
            {
                Estimate[i] += g[i] * surprise / d;
                for (var j = 0; j < n; j++)
                    _covariance[i][j] -= g[i] * g[j] / d;
            }
        }
    }
}
