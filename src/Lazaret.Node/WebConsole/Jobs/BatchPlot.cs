using System.Globalization;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>The positions in the picture of a batch, which has one line per map.</summary>
internal sealed class BatchPlot
{
    private const double Left = 44;
    private const int Line = 18;

    // A standard normal number lies beyond ± this in five of a hundred cases.
    private const double Usual = 1.96;

    public BatchPlot(IReadOnlyList<AnswerLine> answers)
    {
        double[] ends = [.. answers.SelectMany(answer => (double[])[Chance(answer), -Chance(answer), .. ((decimal?[])[answer.R, answer.Beside, answer.Interval?.Low, answer.Interval?.High]).OfType<decimal>().Select(end => (double)end)])];
        Axis = new PlotAxis(Math.Max(-1, ends.DefaultIfEmpty(-1).Min() - 0.03), Math.Min(1, ends.DefaultIfEmpty(1).Max() + 0.03), Left);
        Ground = 8 + Line * answers.Count;
        Rows = [.. answers.Select((answer, index) => RowOf(answer, index))];
    }

    public PlotAxis Axis { get; }

    /// <summary>The height of the axis.</summary>
    public int Ground { get; }

    public int Height => Ground + 50;

    public IReadOnlyList<BatchRow> Rows { get; }

    private BatchRow RowOf(AnswerLine answer, int index)
    {
        var y = 8 + Line * index + Line / 2;
        var chance = Chance(answer);
        return new BatchRow($"{index + 1}", y, Axis.At((double)answer.R), Axis.At(-chance), (Axis.Place(chance) - Axis.Place(-chance)).ToString("0.#", CultureInfo.InvariantCulture))
        {
            Interval = answer.Interval is var (low, high) ? $"M{Axis.At((double)low)} {y}H{Axis.At((double)high)}" : null,
            Beside = answer.Beside is { } beside ? Axis.At((double)beside) : null,
        };
    }

    /// <summary>How far chance alone takes R: Fisher's z has the standard error 1/√(n − 3).</summary>
    private static double Chance(AnswerLine answer) => Math.Tanh(Usual / Math.Sqrt(Math.Max(1, answer.N - 3)));
}

/// <summary>A map's line.</summary>
/// <param name="Name">The map's number.</param>
/// <param name="Y">Its height.</param>
/// <param name="R">The position of R.</param>
/// <param name="ChanceFrom">Where the band of chance begins.</param>
/// <param name="ChanceWidth">Its width.</param>
internal sealed record BatchRow(string Name, int Y, string R, string ChanceFrom, string ChanceWidth)
{
    /// <summary>The path of the interval; null where there is none.</summary>
    public string? Interval { get; init; }

    /// <summary>The position of the partial R given the score of the cohort's mean map; null when that was not asked for.</summary>
    public string? Beside { get; init; }
}
