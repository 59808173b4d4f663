using System.Globalization;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Bench;

/// <summary>A seeded site at 2 mm: 230,000 voxels in an ellipsoid of the size of a brain, one visit a subject. It is kept between runs.</summary>
internal sealed class BenchSite(string root, int subjects)
{
    /// <summary>Compressing takes longest; further subjects have copies, which cost the readers the same.</summary>
    private const int Different = 50;

    public static Grid Grid { get; } = new(91, 109, 91, new Affine(-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72));

    public int Subjects => subjects;

    public string Directory { get; } = Path.Combine(root, $"site-{subjects}");

    public string Store => Path.Combine(root, $"state-{subjects}", "cohort.store");

    public string MapPath => Path.Combine(Directory, "map.nii.gz");

    public void Make()
    {
        var complete = Path.Combine(Directory, "complete");
        if (File.Exists(complete))
            return;
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "conn"));
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "masks"));
        Parallel.For(0, Math.Min(subjects, Different), i => NiftiWriter.Write(Volume(i), new NiftiVolume(Grid, 1, RandomMap(i))));
        for (var i = Different; i < subjects; i++)
            File.Copy(Volume(i % Different), Volume(i), overwrite: true);
        NiftiWriter.Write(MapPath, new NiftiVolume(Grid, 1, RandomMap(-1)));
        NiftiWriter.Write(Path.Combine(Directory, "masks/small.nii.gz"), new NiftiVolume(Grid, 1, Ball(6)));
        NiftiWriter.Write(Path.Combine(Directory, "masks/brain.nii.gz"), new NiftiVolume(Grid, 1, Ball(38)));
        var random = new Random(7);
        Table("subjects.csv", "dx", i => i % 3 == 0 ? "A" : "B");
        Table("outcomes.csv", "y", _ => random.NextDouble().ToString("R", CultureInfo.InvariantCulture));
        Table("paths.csv", "conn_path", i => $"conn/{i}.nii.gz");
        File.WriteAllText(complete, "");
    }

    public static float[] RandomMap(int seed)
    {
        var random = new Random(seed);
        var values = Ball(38);
        for (var i = 0; i < values.Length; i++)
            values[i] *= random.NextSingle() - 0.5f;
        return values;
    }

    /// <summary>1 inside an ellipsoid around the middle, whose longest axis is a fifth longer.</summary>
    private static float[] Ball(double radius)
    {
        var values = new float[Grid.Voxels];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, z) = (i % Grid.X - 45, (i / Grid.X % Grid.Y - 54) / 1.2, i / Grid.X / Grid.Y - 45);
            values[i] = x * x + y * y + z * z <= radius * radius ? 1 : 0;
        }

        return values;
    }

    private string Volume(int subject) => Path.Combine(Directory, $"conn/{subject}.nii.gz");

    private void Table(string file, string column, Func<int, string> cell) =>
        File.WriteAllLines(Path.Combine(Directory, file), Enumerable.Range(0, subjects).Select(i => $"s{i:0000},1,{cell(i)}").Prepend($"subject_id,visit,{column}"));
}
