using System.Globalization;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>The axis of R in a picture.</summary>
/// <param name="From">The least R that is shown.</param>
/// <param name="To">The largest R that is shown.</param>
/// <param name="Left">Where the axis begins in the picture.</param>
internal sealed record PlotAxis(double From, double To, double Left)
{
    private const double Right = 740;

    public IEnumerable<(string X, string Name)> Ticks
    {
        get
        {
            var step = (To - From) switch { > 1 => 0.25, > 0.4 => 0.1, _ => 0.05 };
            for (var tick = Math.Ceiling(From / step); tick * step <= To; tick++)
                yield return (At(tick * step), Words.Number(tick * step, "0.##"));
        }
    }

    /// <summary>The position of an R; an R beyond the axis is placed at its end.</summary>
    public double Place(double r) => Left + (Right - Left) * (Math.Clamp(r, From, To) - From) / (To - From);

    /// <summary>The position of an R as the text of an attribute.</summary>
    public string At(double r) => Place(r).ToString("0.#", CultureInfo.InvariantCulture);
}
