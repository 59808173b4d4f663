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
        _inside = Map(at => new Place(0, 0, 0).SquaredDistance(new Place(at.X / 71, (at.Y + 17) / 89, (at.Z - 12) / 69)) <= 1);
    }

    public Grid Grid { get; }

    /// <summary>By voxel.</summary>
    public ReadOnlySpan<bool> Inside => _inside;

    /// <summary>The first voxel at or above a height in mm.</summary>
    public int FirstVoxelAbove(double z) => (int)Math.Ceiling((z - Grid.Affine[2, 3]) / Grid.Affine[2, 2]) * Grid.X * Grid.Y;

    /// <summary>The ground truth: between −1 and 1 or so inside, 0 outside.</summary>
    public float[] NetworkMap()
    {
        var map = Map(at => (float)Network.Sum(node => node.Weight * Math.Exp(-0.5 * node.Center.SquaredDistance(at) / (node.Width * node.Width))));
        Clip(map);
        return map;
    }

    /// <summary>A picture to look at behind maps, 0 to 1: a ribbon of grey matter, white matter in it, and ventricles.</summary>
    public float[] Template() => Map(at =>
    {
        var depth = Math.Sqrt(new Place(0, 0, 0).SquaredDistance(new Place(at.X / 71, (at.Y + 17) / 89, (at.Z - 12) / 69)));
        var fold = 0.04 * Math.Sin(at.X / 4) * Math.Sin(at.Y / 5) * Math.Sin(at.Z / 4);
        var isVentricle = new Place(9, -12, 16).SquaredDistance(new Place(Math.Abs(at.X), at.Y * 0.4 - 7, at.Z)) < 60;
        return depth > 1 ? 0f : isVentricle ? 0.15f : depth > 0.84 + fold ? 0.5f : 0.85f;
    });

    /// <summary>1 inside and 0 outside, by the mask's name; each lies within the brain.</summary>
    public IReadOnlyDictionary<string, float[]> Masks()
    {
        var masks = Regions.ToDictionary(region => region.Name, region => Map(at => region.Center.SquaredDistance(at) <= region.Radius * region.Radius ? 1f : 0), StringComparer.Ordinal);
        masks.Add("brain", Array.ConvertAll(_inside, inside => inside ? 1f : 0));
        foreach (var mask in masks.Values)
            Clip(mask);
        return masks;
    }

    private void Clip(float[] values)
    {
        for (var voxel = 0; voxel < values.Length; voxel++)
            values[voxel] = _inside[voxel] ? values[voxel] : 0;
    }

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
        /// <summary>To this place or to its mirror image in the other hemisphere, which this one must not lie in.</summary>
        public double SquaredDistance(Place other)
        {
            var (x, y, z) = (X - Math.Abs(other.X), Y - other.Y, Z - other.Z);
            return x * x + y * y + z * z;
        }
    }
}
