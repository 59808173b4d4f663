using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Disclosure.Noise;

namespace Lazaret.Tests.Disclosure;

/// <summary>A data view of noise: subjects, outcomes and volumes without any effect, so that what an attacker finds they were told.</summary>
internal sealed class RandomSite : IDisposable
{
    /// <summary>Where no scan of <see cref="WithEmptyVoxel"/> has anything.</summary>
    public const int EmptyVoxel = 0;

    private readonly TemporaryFolder _folder = new();
    private readonly SplitMix64 _random;

    /// <param name="subjects">How many.</param>
    /// <param name="seed">Of everything.</param>
    /// <param name="visits">The visits of each subject.</param>
    public RandomSite(int subjects, ulong seed, params string[] visits)
        : this(subjects, seed, visits, hasEmptyVoxel: false)
    {
    }

    private RandomSite(int subjects, ulong seed, string[] visits, bool hasEmptyVoxel)
    {
        _random = new SplitMix64(seed);
        // Sandboxes read it under user ids of their own.
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        visits = visits.Length == 0 ? ["1"] : visits;
        var (who, what, where) = (new List<string> { "subject_id,visit,ward,sex" }, new List<string> { "subject_id,visit,change,responder" }, new List<string> { "subject_id,visit,conn_path" });
        for (var subject = 0; subject < subjects; subject++)
        {
            foreach (var visit in visits)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"s{subject:d4},{visit}");
                who.Add($"{key},{(subject < subjects / 3 ? "a" : subject < subjects - 5 ? "b" : "c")},{(subject % 2 == 0 ? "F" : "M")}");
                what.Add(string.Create(CultureInfo.InvariantCulture, $"{key},{_random.Gaussian():F4},{(_random.Gaussian() > 0 ? 1 : 0)}"));
                where.Add($"{key},{key.Replace(',', '_')}.nii.gz");
                using var file = File.Create(_folder[$"{key.Replace(',', '_')}.nii.gz"]);
                var scan = Noise();
                if (hasEmptyVoxel)
                    scan[EmptyVoxel] = 0;
                NiftiWriter.Write(file, new NiftiVolume(Grid, 1, scan), compress: true);
            }
        }

        _folder.Write("subjects.csv", string.Join('\n', who) + "\n");
        _folder.Write("outcomes.csv", string.Join('\n', what) + "\n");
        _folder.Write("paths.csv", string.Join('\n', where) + "\n");
    }

    public static RandomSite WithEmptyVoxel(int subjects, ulong seed) => new(subjects, seed, [], hasEmptyVoxel: true);

    public static Grid Grid { get; } = new(5, 5, 5, new Affine(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0));

    public string Path => _folder.Path;

    /// <summary>A map unlike any other.</summary>
    public byte[] NextMap(float scale = 1) => Write(Noise(), scale);

    public static byte[] Write(float[] values, float scale = 1, int maps = 1)
    {
        using var bytes = new MemoryStream();
        NiftiWriter.Write(bytes, new NiftiVolume(Grid, maps, Array.ConvertAll(values, value => value * scale)), compress: true);
        return bytes.ToArray();
    }

    public float[] Noise(int maps = 1) => [.. Enumerable.Range(0, 125 * maps).Select(_ => (float)_random.Gaussian())];

    public void Dispose() => _folder.Dispose();
}
