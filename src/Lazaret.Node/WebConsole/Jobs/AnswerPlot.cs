using System.Globalization;
using System.Text;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>Where things stand in the picture of an answer.</summary>
internal sealed class AnswerPlot
{
    private const double Left = 20;
    private const double Right = 740;
    private const double Ground = 210;
    private const double Height = 150;

    private readonly double _from;
    private readonly double _to;

    public AnswerPlot(int n, double r, double? low, double? high)
    {
        // The standard error of R where there is no correlation: Fisher's z, whose error is 1/√(n − 3), back on the scale of R.
        var spread = 1 / Math.Sqrt(Math.Max(1, n - 3));
        _from = Math.Max(-1, Math.Min(-3 * spread, (low ?? r) - 0.05));
        _to = Math.Min(1, Math.Max(3 * spread, (high ?? r) + 0.05));
        var hill = new StringBuilder();
        for (var step = 0; step <= 120; step++)
        {
            var at = _from + (_to - _from) * step / 120;
            var z = Math.Atanh(Math.Clamp(at, -0.9999, 0.9999)) / spread;
            var y = Ground - Height * Math.Exp(-z * z / 2);
            hill.Append(CultureInfo.InvariantCulture, $"{(step == 0 ? 'M' : 'L')}{At(at)} {y:0.#}");
        }

        Bell = $"{hill}L{At(_to)} {Ground}L{At(_from)} {Ground}Z";
    }

    public string Bell { get; }

    public IEnumerable<(string X, string Name)> Ticks
    {
        get
        {
            var step = _to - _from > 1 ? 0.25 : _to - _from > 0.4 ? 0.1 : 0.05;
            for (var tick = Math.Ceiling(_from / step); tick * step <= _to; tick++)
                yield return (At(tick * step), Parts.Words.Number(tick * step, "0.##"));
        }
    }

    public string At(double r) => (Left + (Right - Left) * (r - _from) / (_to - _from)).ToString("0.#", CultureInfo.InvariantCulture);
}
