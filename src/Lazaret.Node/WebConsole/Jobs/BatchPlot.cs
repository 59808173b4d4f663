using System.Globalization;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>Where things stand in the picture of a batch: a line a map.</summary>
internal sealed class BatchPlot
{
    private const double Left = 44;
    private const double Right = 740;
    private const int Line = 18;

    // Of a normal deviate, what is passed in five of a hundred cases.
    private const double Usual = 1.96;

    private readonly double _from;
    private readonly double _to;

    public BatchPlot(IReadOnlyList<BatchLine> answers)
    {
        double[] ends = [.. answers.SelectMany(answer => (double[])[(double)answer.R, Chance(answer), -Chance(answer), (double)(answer.Low ?? answer.R), (double)(answer.High ?? answer.R)])];
        _from = Math.Max(-1, ends.DefaultIfEmpty(-1).Min() - 0.03);
        _to = Math.Min(1, ends.DefaultIfEmpty(1).Max() + 0.03);
        Ground = 8 + Line * answers.Count;
        Rows = [.. answers.Select((answer, index) => RowOf(answer, index))];
    }

    /// <summary>Where the axis is.</summary>
    public int Ground { get; }

    public int Height => Ground + 30;

    public string Zero => At(0);

    public IReadOnlyList<BatchRow> Rows { get; }

    public IEnumerable<(string X, string Name)> Ticks
    {
        get
        {
            var step = _to - _from > 1 ? 0.25 : 0.1;
            for (var tick = Math.Ceiling(_from / step); tick * step <= _to; tick++)
                yield return (At(tick * step), Words.Number(tick * step, "0.##"));
        }
    }

    private BatchRow RowOf(BatchLine answer, int index)
    {
        var y = 8 + Line * index + Line / 2;
        var chance = Chance(answer);
        return new BatchRow($"{index + 1}", y, At((double)answer.R), At(-chance), (Place(chance) - Place(-chance)).ToString("0.#", CultureInfo.InvariantCulture))
        {
            Interval = answer is { Low: { } low, High: { } high } ? $"M{At((double)low)} {y}H{At((double)high)}" : null,
        };
    }

    /// <summary>By Fisher's z, whose error is 1/√(n − 3).</summary>
    private static double Chance(BatchLine answer) => Math.Tanh(Usual / Math.Sqrt(Math.Max(1, answer.N - 3)));

    private double Place(double r) => Left + (Right - Left) * (Math.Clamp(r, _from, _to) - _from) / (_to - _from);

    private string At(double r) => Place(r).ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>A map's line.</summary>
/// <param name="Name">The map's number.</param>
/// <param name="Y">Its height.</param>
/// <param name="R">Where R is.</param>
/// <param name="ChanceFrom">Where the band of chance begins.</param>
/// <param name="ChanceWidth">Its width.</param>
internal sealed record BatchRow(string Name, int Y, string R, string ChanceFrom, string ChanceWidth)
{
    /// <summary>The path of the interval; null where there is none.</summary>
    public string? Interval { get; init; }
}
