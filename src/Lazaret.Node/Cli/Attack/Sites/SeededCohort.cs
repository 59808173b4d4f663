using Lazaret.SampleSite;

namespace Lazaret.Node.Cli.Attack.Sites;

/// <summary>
/// The subjects of one attack on one seeded site, with an outcome of their own: no other attack's answers are about them. The attacker knows everything
/// but <see cref="Values"/> and <see cref="Related"/>, which only the judge compares with what was recovered.
/// </summary>
internal sealed class SeededCohort
{
    private readonly int _seed;

    /// <param name="attack">The attack's name.</param>
    /// <param name="number">Which of its sites.</param>
    /// <param name="size">How many subjects.</param>
    /// <param name="isBinary">Whether half of them have 1 as outcome and half 0; otherwise outcomes are normal.</param>
    /// <param name="scans">How many different scans there are; one for each without it.</param>
    public SeededCohort(string attack, int number, int size, bool isBinary = false, int? scans = null)
    {
        _seed = attack.Aggregate(number, (seed, letter) => unchecked((seed * 31) + letter));
        Random = new Random(_seed);
        Outcome = $"{attack.Replace('-', '_')}_{number}";
        Values = Random.NextNormals(size);
        if (isBinary)
        {
            var half = Values.Order().ElementAt(size / 2);
            Values = Array.ConvertAll(Values, value => value >= half ? 1.0 : 0.0);
        }

        DifferentScans = scans ?? size;
        float[][] different = [.. Enumerable.Range(0, DifferentScans).Select(DrawScan)];
        Scans = [.. Enumerable.Range(0, size).Select(member => different[member % DifferentScans])];
        HasOutcome = [.. Enumerable.Repeat(true, size)];
        Attributes["sex"] = [.. Values.Select(_ => Random.Next(2) == 0 ? "F" : "M")];
        Attributes["age"] = [.. Values.Select(_ => $"{Random.Next(18, 90)}")];
    }

    /// <summary>What is drawn for this cohort is drawn from here, the attacker's maps as well.</summary>
    public Random Random { get; private set; }

    /// <summary>The outcome's name.</summary>
    public string Outcome { get; }

    public int Size => Values.Length;

    /// <summary>Each subject's outcome: the secret.</summary>
    public double[] Values { get; }

    public float[][] Scans { get; }

    public int DifferentScans { get; }

    /// <summary>Who has the outcome as the node starts.</summary>
    public bool[] HasOutcome { get; }

    /// <summary>Columns of <c>subjects.csv</c>, one text per subject.</summary>
    public Dictionary<string, string[]> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>More outcomes of the same subjects, by name.</summary>
    public Dictionary<string, double[]> Related { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Visits { get; init; } = [AttackSite.Baseline];

    /// <summary>Subjects whom no attack is about: they make every level common enough to be shown.</summary>
    public static SeededCohort Filler(int size)
    {
        var cohort = new SeededCohort("filler", 1, size);
        foreach (var group in AttackSite.Groups)
            cohort.Mark(group, AttackSite.Level, _ => true);
        return cohort;
    }

    /// <summary>Before each run, so that all ask the same.</summary>
    public void Restart() => Random = new Random(~_seed);

    /// <summary>What the map gives each subject; NaN for a scan that shares no finite voxel with it.</summary>
    public double[] ScoresOf(float[] map) => Array.ConvertAll(Scans, scan =>
    {
        var (sum, shares) = (0.0, false);
        for (var voxel = 0; voxel < map.Length; voxel++)
        {
            if (!float.IsFinite(map[voxel]) || !float.IsFinite(scan[voxel]))
                continue;
            shares = true;
            sum += (double)map[voxel] * scan[voxel];
        }

        return shares ? sum : double.NaN;
    });

    /// <summary>What a parcel's mean R gives each subject: the mean of its voxels, each centred and of length 1.</summary>
    public double[] WeightsOf(Range parcel)
    {
        var weights = new double[Size];
        var (first, count) = parcel.GetOffsetAndLength(ScanLayout.Voxels);
        for (var voxel = first; voxel < first + count; voxel++)
        {
            double[] column = [.. Scans.Select(scan => (double)scan[voxel])];
            var mean = column.Average();
            var length = Math.Sqrt(column.Sum(value => (value - mean) * (value - mean)));
            for (var member = 0; member < Size; member++)
                weights[member] += (column[member] - mean) / length / count;
        }

        return weights;
    }

    /// <summary>A map of which each subject gets exactly that score.</summary>
    public float[] MapOf(double[] scores)
    {
        var map = new float[ScanLayout.Voxels];
        for (var member = 0; member < Size; member++)
            map[ScanLayout.VoxelOf(member)] = (float)scores[member];
        return map;
    }

    /// <summary>A map like an honest one: noise in the texture, and somewhat of one subject's scan where <paramref name="toward"/> names one.</summary>
    public float[] DrawMap(int? toward = null, float share = 0)
    {
        var map = new float[ScanLayout.Voxels];
        for (var voxel = 0; voxel < ScanLayout.Texture; voxel++)
            map[voxel] = (float)Random.NextNormal() + (toward is { } member ? share * Scans[member][voxel] : 0);
        return map;
    }

    /// <summary>A column that is <paramref name="level"/> for those members, and empty for all others.</summary>
    public void Mark(string column, string level, Func<int, bool> members) =>
        Attributes[column] = [.. Enumerable.Range(0, Size).Select(member => members(member) ? level : "")];

    private float[] DrawScan(int member)
    {
        var scan = new float[ScanLayout.Voxels];
        for (var voxel = 0; voxel < ScanLayout.Texture; voxel++)
            scan[voxel] = (float)Random.NextNormal();
        if (member < ScanLayout.Members)
            scan[ScanLayout.VoxelOf(member)] = 1;
        for (var block = 0; block < ScanLayout.Blocks; block++)
        {
            foreach (ref var voxel in scan.AsSpan(ScanLayout.Block(block)))
                voxel = 1 + (float)Random.NextNormal();
        }

        return scan;
    }
}
