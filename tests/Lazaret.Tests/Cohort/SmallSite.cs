using System.IO.Compression;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort;

/// <summary>A seeded site whose volumes have zeros, holes and, some of them, a mask of their own.</summary>
internal sealed class SmallSite : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallSite(int subjects = 11, int seed = 5)
    {
        var random = new Random(seed);
        Directory.CreateDirectory(this["conn"]);
        var names = Enumerable.Range(0, subjects).Select(i => $"s{i:00}").ToArray();
        for (var i = 0; i < subjects; i++)
            WriteVolume(i, random.Next());
        Write("subjects.csv", "subject_id,visit,dx\n" + string.Concat(names.Select((name, i) => $"{name},1,{(i % 2 == 0 ? "A" : "B")}\n")));
        Write("outcomes.csv", "subject_id,visit,y\n" + string.Concat(names.Select(name => FormattableString.Invariant($"{name},1,{random.NextDouble():R}\n"))));
        Write("paths.csv", "subject_id,visit,conn_path\n" + string.Concat(names.Select((name, i) => $"{name},1,conn/{i}.nii.gz\n")));
        Directory.CreateDirectory(this["masks"]);
        var mask = new float[Grid.Voxels];
        for (var i = 100; i < 140; i++)
            mask[i] = 1;
        mask[500] = mask[^1] = 1;
        NiftiWriter.Write(this["masks/M.nii.gz"], new NiftiVolume(Grid, 1, mask));
    }

    public static Grid Grid { get; } = new(11, 9, 7, new Affine(2, 0, 0, -10, 0, 2, 0, -8, 0, 0, 2, -6));

    public string Store => this["state/cohort.store"];

    public string this[string name] => _folder[name];

    public void Write(string name, string text) => _folder.Write(name, text);

    public string Path => _folder.Path;

    /// <summary>Compresses a file in its place.</summary>
    public void Pack(string name)
    {
        var bytes = File.ReadAllBytes(this[name]);
        using var gzip = new GZipStream(File.Create(this[name]), CompressionLevel.Fastest);
        gzip.Write(bytes);
    }

    public void MakePipe(string name) => _folder.MakePipe(name);

    public void WriteVolume(int subject, int seed) =>
        NiftiWriter.Write(this[$"conn/{subject}.nii.gz"], new NiftiVolume(Grid, 1, RandomMap(seed, holes: subject % 3, border: subject % 2)));

    public DataView Open() => DataView.Open(_folder.Path);

    /// <param name="holes">Of ten voxels, how many are NaN or infinite.</param>
    /// <param name="border">How many voxels at the start are 0.</param>
    public static float[] RandomMap(int seed, int holes = 0, int border = 0)
    {
        var random = new Random(seed);
        var values = new float[Grid.Voxels];
        for (var i = border * 70; i < values.Length; i++)
            values[i] = random.Next(10) < holes ? (random.Next(2) == 0 ? float.NaN : float.NegativeInfinity) : random.Next(4) == 0 ? 0 : random.NextSingle() - 0.4f;
        return values;
    }

    public void Dispose() => _folder.Dispose();
}
