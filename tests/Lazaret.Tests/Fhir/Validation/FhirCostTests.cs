using System.Globalization;
using System.Text;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Validation;

/// <summary>What reading costs, in steps and in allocated bytes: the same on every machine, however busy it is.</summary>
public sealed class FhirCostTests
{
    private const int Smallest = 1500;

    /// <summary>Steps are counted by hundreds: below this, a ratio says nothing.</summary>
    private const long Few = 2000;

    /// <summary>The steps of each shape of the smallest size.</summary>
    private static readonly Lazy<Dictionary<string, long>> Measured = new(() => File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "Fhir", "Validation", "data", "hostile_steps.tsv"))
        .Select(line => line.Split('\t'))
        .ToDictionary(cells => cells[1], cells => long.Parse(cells[0], CultureInfo.InvariantCulture), StringComparer.Ordinal));

    public static TheoryData<string> Shapes() => [.. HostileShapes.All.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Twice_the_size_never_costs_more_than_two_and_a_half_times(string shape)
    {
        var costs = new List<(long Steps, long Bytes)>();
        for (var n = Smallest; n <= Smallest * 4; n *= 2)
            costs.Add(Cost(Encoding.UTF8.GetBytes(HostileShapes.All[shape](n))));

        for (var i = 1; i < costs.Count; i++)
        {
            Assert.True(costs[i].Steps <= 2.5 * Math.Max(Few, costs[i - 1].Steps), $"steps: {string.Join(", ", costs)}");
            Assert.True(costs[i].Bytes <= 2.5 * costs[i - 1].Bytes, $"bytes: {string.Join(", ", costs)}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void No_shape_is_cut_off_for_its_invariants_nor_costs_more_than_its_size_is_worth(string shape)
    {
        var json = Encoding.UTF8.GetBytes(HostileShapes.All[shape](Smallest));
        var budget = FhirBudget.Unlimited(TestContext.Current.CancellationToken);

        Assert.DoesNotContain(FhirValidator.Validate(json, budget).Issues, issue => issue.Code == "too-costly" && issue.Expression.Length > 0);
        Assert.InRange(budget.Steps, 0, 20L * json.Length);
    }

    /// <summary>data/hostile_steps.tsv was measured once. Where a rule has become cheaper, its number is to be lowered.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void No_loop_over_a_shape_is_left_uncounted(string shape)
    {
        var budget = FhirBudget.Unlimited(TestContext.Current.CancellationToken);
        BundleReader.Read(Encoding.UTF8.GetBytes(HostileShapes.All[shape](Smallest)), budget);

        Assert.InRange(budget.Steps, (long)(0.98 * Measured.Value[shape]), long.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_reading_of_every_shape_ends_with_its_time(string shape)
    {
        var json = Encoding.UTF8.GetBytes(HostileShapes.All[shape](Smallest * 8));
        var whole = FhirBudget.Unlimited(TestContext.Current.CancellationToken);
        BundleReader.Read(json, whole);

        var clock = new StepClock();
        var budget = new FhirBudget(TimeSpan.FromSeconds(2), clock, CancellationToken.None);
        var reading = BundleReader.Read(json, budget);
        if (clock.Looks < 4)
        {
            // It is over before the fourth look.
            Assert.InRange(whole.Steps, 0, (3 * FhirBudget.Interval) - 1);
            return;
        }

        var last = Assert.IsType<BundleReading.Invalid>(reading).Issues[^1];
        Assert.Equal((IssueSeverity.Fatal, "too-costly"), (last.Severity, last.Code));
        Assert.Contains("2 s", last.Diagnostics, StringComparison.Ordinal);
        Assert.InRange(budget.Steps, 0, whole.Steps);
        Assert.Equal(4, clock.Looks);
    }

    [Fact]
    public void The_time_that_others_take_of_the_processor_refuses_nothing()
    {
        var json = Encoding.UTF8.GetBytes(HostileShapes.All["references to nothing"](Smallest * 8));
        var expected = BundleReader.Read(json);
        var clock = new StepClock();
        var budget = new FhirBudget(TimeSpan.FromSeconds(2), clock, CancellationToken.None, () => TimeSpan.Zero);

        Assert.Equivalent(expected, BundleReader.Read(json, budget));
        Assert.InRange(clock.Looks, 4, 20);
        Assert.False(budget.IsOverdue);
    }

    [Fact]
    public void A_thread_s_time_counts_from_where_it_begins_to_read()
    {
        var json = Encoding.UTF8.GetBytes(HostileShapes.All["references to nothing"](Smallest * 8));
        var had = TimeSpan.FromDays(1);
        var budget = new FhirBudget(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None, () => had);
        FhirValidator.Validate(json, budget);
        had = TimeSpan.FromDays(2);

        Assert.DoesNotContain(FhirValidator.Validate(json, budget).Issues, issue => issue.Code == "too-costly");
    }

    [Fact]
    public void Nothing_is_read_on_when_nobody_waits()
    {
        using var stop = new CancellationTokenSource();
        var clock = new StepClock { At = look => _ = look == 3 ? stop.CancelAsync() : Task.CompletedTask };
        var json = Encoding.UTF8.GetBytes(HostileShapes.All["references to nothing"](40_000));

        Assert.ThrowsAny<OperationCanceledException>(() => BundleReader.Read(json, new FhirBudget(TimeSpan.FromDays(1), clock, stop.Token)));
        Assert.Equal(3, clock.Looks);
    }

    private static (long Steps, long Bytes) Cost(byte[] json)
    {
        var (steps, bytes) = (0L, long.MaxValue);
        // The pools that JsonDocument takes its arrays from are full only after the first time.
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var budget = FhirBudget.Unlimited(TestContext.Current.CancellationToken);
            if (BundleReader.Read(json, budget) is BundleReading.Readable { Bundle: var bundle })
                Negotiator.Negotiate(HostileShapes.Requirements, bundle, DateTimeOffset.UnixEpoch);
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
            steps = budget.Steps;
        }

        return (steps, bytes);
    }
}
