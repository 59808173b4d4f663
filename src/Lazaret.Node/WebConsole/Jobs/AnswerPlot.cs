using System.Globalization;
using System.Text;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>The positions in the picture of an answer.</summary>
internal sealed class AnswerPlot
{
    private const double Left = 20;
    private const double Ground = 210;
    private const double Height = 150;

    /// <param name="beside">The partial R given the score of the cohort's mean map; null when that was not asked for.</param>
    public AnswerPlot(int n, double r, double? low, double? high, double? beside = null)
    {
        // The bell is what chance gives without a correlation: Fisher's z has the standard error 1/√(n − 3), drawn on the scale of R.
        var spread = 1 / Math.Sqrt(Math.Max(1, n - 3));
        Axis = new PlotAxis(Math.Max(-1, Math.Min(-3 * spread, Math.Min(low ?? r, beside ?? r) - 0.05)), Math.Min(1, Math.Max(3 * spread, Math.Max(high ?? r, beside ?? r) + 0.05)), Left);
        var hill = new StringBuilder();
        for (var step = 0; step <= 120; step++)
        {
            var at = Axis.From + (Axis.To - Axis.From) * step / 120;
            var z = Math.Atanh(Math.Clamp(at, -0.9999, 0.9999)) / spread;
            var y = Ground - Height * Math.Exp(-z * z / 2);
            hill.Append(CultureInfo.InvariantCulture, $"{(step == 0 ? 'M' : 'L')}{Axis.At(at)} {y:0.#}");
        }

        Bell = $"{hill}L{Axis.At(Axis.To)} {Ground}L{Axis.At(Axis.From)} {Ground}Z";
    }

    public PlotAxis Axis { get; }

    public string Bell { get; }
}
