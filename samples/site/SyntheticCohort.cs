using System.Globalization;

namespace Lazaret.SampleSite;

/// <summary>
/// Draws subjects whose outcomes have the planted correlation with the loading: not in expectation but in this very sample. Within each
/// diagnosis and visit, outcome = ρ·loading + √(1−ρ²)·rest, where the rest is made orthogonal to the loading over those who have the
/// outcome. Means and variances are the same in all these groups, so that unions of them have the same correlation.
/// </summary>
internal static class SyntheticCohort
{
    public static readonly string[] FollowUpVisits = ["6mo", "12mo"];

    private static readonly (string Diagnosis, double Share, int Age, int AgeSpread)[] Groups =
        [("OCD", 0.2, 38, 9), ("ET", 0.2, 66, 9), ("PD", 0.6, 61, 8)];

    /// <returns>By id.</returns>
    public static IReadOnlyList<SyntheticSubject> Draw(SyntheticSiteOptions options)
    {
        var random = new Random(options.Seed);
        var numbers = Enumerable.Range(1_000, 9_000).ToArray();
        random.Shuffle(numbers);
        var left = numbers.AsSpan(0, options.Subjects);

        var subjects = new List<SyntheticSubject>(options.Subjects);
        foreach (var group in Groups)
        {
            // The last group takes what rounding leaves.
            var count = group == Groups[^1] ? left.Length : (int)(group.Share * options.Subjects);
            int[] ages = [.. random.NextNormals(count).Select(deviate => group.Age + (int)(group.AgeSpread * Math.Clamp(deviate, -2, 2)))];
            subjects.AddRange(DrawGroup(left[..count].ToArray(), group.Diagnosis, ages, options, random));
            left = left[count..];
        }

        return [.. subjects.OrderBy(subject => subject.Id, StringComparer.Ordinal)];
    }

    private static SyntheticSubject[] DrawGroup(
        int[] numbers, string diagnosis, int[] ages, SyntheticSiteOptions options, Random random)
    {
        var withUpdrs = DrawPresent(numbers.Length, options.MissingOutcomes, random);
        var withYbocs = DrawPresent(numbers.Length, options.MissingOutcomes, random);
        var loading = random.NextNormals(numbers.Length);
        Standardize(loading, withUpdrs);

        var updrs = Array.ConvertAll(FollowUpVisits, _ => DrawOutcome(loading, options.Correlation, withUpdrs, random));
        var ybocs = Array.ConvertAll(FollowUpVisits, _ => DrawOutcome(loading, 0, withYbocs, random));
        return [.. numbers.Select((number, i) => new SyntheticSubject(
            string.Create(CultureInfo.InvariantCulture, $"sub-{number}"),
            diagnosis,
            ages[i],
            random.NextDouble() < 0.5 ? "F" : "M",
            loading[i],
            [.. FollowUpVisits.Select((visit, v) => new FollowUp(
                visit,
                withUpdrs.Contains(i) ? -12 + 9 * updrs[v][i] : null,
                withYbocs.Contains(i) ? -8 + 5 * ybocs[v][i] : null))]))];
    }

    /// <summary>Indices, all but a few.</summary>
    private static HashSet<int> DrawPresent(int count, double missing, Random random)
    {
        var indices = Enumerable.Range(0, count).ToArray();
        random.Shuffle(indices);
        return [.. indices.Skip((int)Math.Round(missing * count))];
    }

    private static double[] DrawOutcome(double[] loading, double correlation, HashSet<int> present, Random random)
    {
        var rest = random.NextNormals(loading.Length);
        Standardize(rest, present);
        var mean = present.Average(i => loading[i]);
        var slope = present.Sum(i => rest[i] * (loading[i] - mean)) / present.Sum(i => Math.Pow(loading[i] - mean, 2));
        for (var i = 0; i < rest.Length; i++)
            rest[i] -= slope * (loading[i] - mean);
        Standardize(rest, present);
        return [.. rest.Select((value, i) => correlation * loading[i] + Math.Sqrt(1 - correlation * correlation) * value)];
    }

    /// <summary>Mean 0 and variance 1 over those present.</summary>
    private static void Standardize(double[] values, HashSet<int> present)
    {
        var mean = present.Average(i => values[i]);
        var deviation = Math.Sqrt(present.Average(i => Math.Pow(values[i] - mean, 2)));
        for (var i = 0; i < values.Length; i++)
            values[i] = (values[i] - mean) / deviation;
    }
}
