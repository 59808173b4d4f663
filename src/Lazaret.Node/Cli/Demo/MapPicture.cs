using Lazaret.Cohort.Nifti;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lazaret.Node.Cli.Demo;

/// <summary>
/// A map in three planes through its strongest voxel, as blocks of colour: red above zero, blue below. Each character shows two voxels, one
/// above the other. On a terminal without colour it is characters of rising weight instead.
/// </summary>
internal static class MapPicture
{
    private const string Weights = " .:-=+*#%@";

    private const int Gaps = 6;

    /// <summary>Below this part of the strongest voxel nothing is drawn.</summary>
    private const float Threshold = 0.1f;

    public static IRenderable Of(NiftiVolume volume)
    {
        var (nx, ny, nz) = (volume.Grid.X, volume.Grid.Y, volume.Grid.Z);
        var voxels = volume.Map(0);
        var (peak, at) = (0f, 0);
        for (var i = 0; i < voxels.Length; i++)
        {
            if (Strength(voxels.Span[i]) > peak)
                (peak, at) = (Strength(voxels.Span[i]), i);
        }

        var (x, y, z) = (at % nx, at / nx % ny, at / (nx * ny));
        float Value(int i, int j, int k) => voxels.Span[i + (nx * (j + (ny * k)))] / peak;
        // Every second voxel, or third, where the terminal is narrow.
        var step = 1 + ((ny + nx + nx + Gaps) / AnsiConsole.Profile.Width);
        return new Columns(
            Plane("sagittal", ny / step, nz / step, (across, up) => Value(x, across * step, up * step)),
            Plane("coronal", nx / step, nz / step, (across, up) => Value(across * step, y, up * step)),
            Plane("axial", nx / step, ny / step, (across, up) => Value(across * step, up * step, z)))
        {
            Expand = false,
        };
    }

    private static Rows Plane(string name, int width, int height, Func<int, int, float> value)
    {
        var coloured = AnsiConsole.Profile.Capabilities.ColorSystem >= ColorSystem.EightBit;
        var blocks = new Paragraph();
        for (var up = height - 1; up > 0; up -= 2)
        {
            for (var across = 0; across < width; across++)
            {
                var (top, bottom) = (value(across, up), value(across, up - 1));
                if (coloured)
                    blocks.Append("▀", new Style(Shade(top), Shade(bottom)));
                else
                    blocks.Append(Weight(Math.Max(Strength(top), Strength(bottom))));
            }

            blocks.Append("\n");
        }

        return new Rows(new Text(name), blocks);
    }

    private static float Strength(float value) => float.IsFinite(value) ? Math.Abs(value) : 0;

    private static string Weight(float strength) => Weights[Math.Min(Weights.Length - 1, (int)(strength * Weights.Length))].ToString();

    private static Color Shade(float value)
    {
        if (Strength(value) < Threshold)
            return new Color(24, 24, 28);
        var strong = (byte)(70 + (185 * Strength(value)));
        return value > 0 ? new Color(strong, (byte)(strong / 3), 24) : new Color(24, (byte)(strong / 2), strong);
    }
}
