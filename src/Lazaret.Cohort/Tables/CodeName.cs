namespace Lazaret.Cohort.Tables;

/// <summary>
/// Finds columns of whole numbers that have the names of codes (of sites, scanners, groups). As numbers they would be measurements, and site 12 would be more than
/// site 3.
/// </summary>
internal static class CodeName
{
    private static readonly HashSet<string> Codes = new(StringComparer.OrdinalIgnoreCase) { "site", "centre", "center", "scanner", "batch", "group", "hospital", "protocol", "cohort" };

    /// <summary>Words with which a name says an amount: hospital_days, group_size.</summary>
    private static readonly HashSet<string> Amounts = new(StringComparer.OrdinalIgnoreCase)
    {
        "age", "count", "counts", "days", "deviations", "distance", "duration", "hours", "length", "months", "percent", "rate", "score", "size", "stay", "stays", "time", "total", "visits", "volume", "weeks", "weight", "years",
    };

    /// <summary>Whether a column has such a name and more than two whole numbers. Two codes may as well be a number.</summary>
    public static bool IsOf(string name, IEnumerable<double> values)
    {
        var words = Words(name);
        double[] different = [.. values.Distinct()];
        return different.Length > 2 && Array.TrueForAll(different, double.IsInteger) && words.Exists(Codes.Contains) && !words.Exists(Amounts.Contains);
    }

    /// <summary>The words in letters of names such as <c>scan_site</c>, <c>ScanSite</c> and <c>site2</c>.</summary>
    private static List<string> Words(string name)
    {
        var words = new List<string>();
        for (var i = 0; i < name.Length; i++)
        {
            if (!char.IsLetter(name[i]))
                continue;
            var begins = i == 0 || !char.IsLetter(name[i - 1]) || (char.IsUpper(name[i]) && char.IsLower(name[i - 1]));
            if (begins)
                words.Add("");
            words[^1] += name[i];
        }

        return words;
    }
}
