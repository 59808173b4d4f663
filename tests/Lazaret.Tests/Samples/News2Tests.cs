using System.Globalization;
using SepsisNews2;

namespace Lazaret.Tests.Samples;

public sealed class News2Tests
{
    /// <summary>Chart 1 as it is printed, copied from the report and not from the code.</summary>
    private const string PublishedChart =
        """
        parameter       | 3     | 2      | 1         | 0         | 1         | 2       | 3
        Respiration     | ≤8    |        | 9–11      | 12–20     |           | 21–24   | ≥25
        SpO2 scale 1    | ≤91   | 92–93  | 94–95     | ≥96       |           |         |
        Systolic        | ≤90   | 91–100 | 101–110   | 111–219   |           |         | ≥220
        Pulse           | ≤40   |        | 41–50     | 51–90     | 91–110    | 111–130 | ≥131
        Temperature     | ≤35.0 |        | 35.1–36.0 | 36.1–38.0 | 38.1–39.0 | ≥39.1   |
        """;

    private static readonly Vitals Normal = new()
    {
        Respiration = 16, OxygenSaturation = 98, SystolicPressure = 120, Pulse = 70, Temperature = 37,
        OxygenFlow = 0, Consciousness = Consciousness.Alert,
    };

    public static TheoryData<string, decimal, int> BothEndsOfEveryBand()
    {
        var data = new TheoryData<string, decimal, int>();
        var rows = PublishedChart.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        foreach (var row in rows.Skip(1))
        {
            for (var column = 1; column < row.Length; column++)
            {
                foreach (var end in row[column].Split('≤', '≥', '–').Where(text => text.Length > 0))
                    data.Add(row[0], decimal.Parse(end, CultureInfo.InvariantCulture), int.Parse(rows[0][column], CultureInfo.InvariantCulture));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BothEndsOfEveryBand))]
    public void Every_band_of_the_published_chart_scores_its_points_at_both_ends(string parameter, decimal value, int points)
    {
        var score = News2.Score(With(parameter, value));

        Assert.Equal(points, score.Total);
        Assert.Equal(points == 3, score.AnyRed);
    }

    [Fact]
    public void The_published_chart_has_forty_ends() => Assert.Equal(40, BothEndsOfEveryBand().Count);

    public static TheoryData<string, decimal, int> BetweenTwoBands() => new()
    {
        { "Temperature", 38.04m, 0 },
        { "Temperature", 38.05m, 1 },
        { "Temperature", 35.04m, 3 },
        { "Temperature", 35.05m, 1 },
        { "Respiration", 24.4m, 2 },
        { "Respiration", 24.5m, 3 },
        { "SpO2 scale 1", 91.4m, 3 },
        { "SpO2 scale 1", 91.5m, 2 },
    };

    [Theory]
    [MemberData(nameof(BetweenTwoBands))]
    public void A_value_between_two_bands_is_rounded_to_the_precision_of_the_chart(string parameter, decimal value, int points) =>
        Assert.Equal(points, News2.Score(With(parameter, value)).Total);

    [Fact]
    public void Any_flow_of_oxygen_scores_two()
    {
        Assert.Equal(0, News2.Score(Normal with { OxygenFlow = 0 }).Total);
        Assert.Equal(2, News2.Score(Normal with { OxygenFlow = 0.5m }).Total);
        Assert.Equal(2, News2.Score(Normal with { OxygenFlow = 15 }).Total);
    }

    [Theory]
    [InlineData(Consciousness.Alert, 0)]
    [InlineData(Consciousness.NewConfusion, 3)]
    [InlineData(Consciousness.RespondsToVoice, 3)]
    [InlineData(Consciousness.RespondsToPain, 3)]
    [InlineData(Consciousness.Unresponsive, 3)]
    public void Whoever_is_not_alert_scores_three(Consciousness consciousness, int points) =>
        Assert.Equal(points, News2.Score(Normal with { Consciousness = consciousness }).Total);

    public static TheoryData<Vitals, int, Risk, bool> WholePatients() => new()
    {
        { Normal, 0, Risk.Low, false },
        { Normal with { Pulse = 115, Respiration = 22 }, 4, Risk.Low, false },
        { Normal with { Respiration = 25 }, 3, Risk.LowMedium, true },
        { Normal with { Consciousness = Consciousness.NewConfusion, Pulse = 95 }, 4, Risk.LowMedium, true },
        { Normal with { Pulse = 115, Respiration = 22, Temperature = 38.5m }, 5, Risk.Medium, true },
        { Normal with { SystolicPressure = 90, Respiration = 25 }, 6, Risk.Medium, true },
        { Normal with { SystolicPressure = 90, Respiration = 25, Temperature = 38.5m }, 7, Risk.High, true },
        {
            new Vitals
            {
                Respiration = 30, OxygenSaturation = 80, SystolicPressure = 70, Pulse = 140, Temperature = 34,
                OxygenFlow = 15, Consciousness = Consciousness.Unresponsive,
            },
            20, Risk.High, true
        },
    };

    [Theory]
    [MemberData(nameof(WholePatients))]
    public void Points_add_up_to_a_risk_and_a_verdict(Vitals vitals, int total, Risk risk, bool positive)
    {
        var score = News2.Score(vitals);

        Assert.Equal((total, risk, positive, true), (score.Total, score.Risk, score.SuggestsSepsis, score.Complete));
    }

    [Fact]
    public void Without_oxygen_or_consciousness_the_score_is_the_lower_bound_and_says_so()
    {
        var sick = Normal with { Pulse = 115, OxygenFlow = 4, Consciousness = Consciousness.RespondsToVoice };

        Assert.Equal(new News2Score(7, AnyRed: true, Complete: true), News2.Score(sick));
        Assert.Equal(new News2Score(5, AnyRed: true, Complete: false), News2.Score(sick with { OxygenFlow = null }));
        Assert.Equal(new News2Score(4, AnyRed: false, Complete: false), News2.Score(sick with { Consciousness = null }));
    }

    private static Vitals With(string parameter, decimal value) => parameter switch
    {
        "Respiration" => Normal with { Respiration = value },
        "SpO2 scale 1" => Normal with { OxygenSaturation = value },
        "Systolic" => Normal with { SystolicPressure = value },
        "Pulse" => Normal with { Pulse = value },
        "Temperature" => Normal with { Temperature = value },
        _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, "not on the chart"),
    };
}
