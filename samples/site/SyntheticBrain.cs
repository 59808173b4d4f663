using System.Runtime.InteropServices;
using Lazaret.Cohort.Nifti;

namespace Lazaret.SampleSite;

/// <summary>
/// An ellipsoid of the size and place of the MNI152 brain (1.8 l, millimetres, RAS+), in it a network with a smooth map,
/// and the regions that give masks their names.
/// </summary>
internal sealed class SyntheticBrain
{
    /// <summary>The height, in mm, below which not every scan reaches; the network lies above.</summary>
    public const double SkullBase = -49;

    private static readonly (Place Center, double Width, double Weight)[] Network =
    [
        (new Place(12, -13, -7), 9, 1), // subthalamic nucleus
        (new Place(20, -6, -2), 9, 0.7), // internal pallidum
        (new Place(38, -22, 56), 13, 0.8), // hand area of M1
        (new Place(4, -4, 62), 12, 0.6), // SMA
        (new Place(24, 42, 26), 15, -0.5), // prefrontal
        (new Place(14, -88, 6), 15, -0.4), // visual
    ];

    private static readonly (string Name, Place Center, double Radius)[] Regions =
    [
        ("STN", new Place(12, -13, -7), 6),
        ("GPi", new Place(20, -6, -2), 7),
        ("M1", new Place(38, -22, 56), 14),
    ];

    private readonly bool[] _inside;

    public SyntheticBrain(double voxelMm)
    {
        Grid = new Grid(
            (int)(180 / voxelMm) + 1, (int)(216 / voxelMm) + 1, (int)(180 / voxelMm) + 1,
            new Affine(voxelMm, 0, 0, -90, 0, voxelMm, 0, -126, 0, 0, voxelMm, -72));
        _inside = Map(at => Math.Pow(at.X / 71, 2) + Math.Pow((at.Y + 17) / 89, 2) + Math.Pow((at.Z - 12) / 69, 2) <= 1);
    }

    public Grid Grid { get; }

    /// <summary>By voxel.</summary>
    public ReadOnlySpan<bool> Inside => _inside;

    /// <summary>The first voxel at or above a height in mm.</summary>
    public int FirstVoxelAbove(double z) => (int)Math.Ceiling((z - Grid.Affine[2, 3]) / Grid.Affine[2, 2]) * Grid.X * Grid.Y;

    /// <summary>The ground truth: between −1 and 1 or so inside, 0 outside.</summary>
    public float[] NetworkMap()
    {
        var map = Map(at => (float)Network.Sum(node => node.Weight * Math.Exp(-0.5 * Math.Pow(node.Center.Distance(at) / node.Width, 2))));
        for (var voxel = 0; voxel < map.Length; voxel++)
            map[voxel] = _inside[voxel] ? map[voxel] : 0;
        return map;
    }

    public IEnumerable<(string Name, float[] Voxels)> Masks() =>
    [
        .. Regions.Select(region => (region.Name, Map(at => region.Center.Distance(at) <= region.Radius ? 1f : 0))),
        ("brain", Array.ConvertAll(_inside, inside => inside ? 1f : 0)),
    ];

    private T[] Map<T>(Func<Place, T> value)
    {
        var values = new T[Grid.Voxels];
        Parallel.For(0, Grid.Z, k =>
        {
            var voxel = k * Grid.X * Grid.Y;
            for (var j = 0; j < Grid.Y; j++)
            {
                for (var i = 0; i < Grid.X; i++)
                {
                    var (x, y, z) = Grid.Affine.Apply(i, j, k);
                    values[voxel++] = value(new Place(x, y, z));
                }
            }
        });
        return values;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(double X, double Y, double Z)
    {
        /// <summary>In mm, to this place or to its mirror image in the other hemisphere.</summary>
        public double Distance(Place other)
        {
            var (x, y, z) = (X - Math.Abs(other.X), Y - other.Y, Z - other.Z);
            return Math.Sqrt(x * x + y * y + z * z);
        }
    }
}
