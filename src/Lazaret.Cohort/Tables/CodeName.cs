namespace Lazaret.Cohort.Tables;

/// <summary>Columns of whole numbers that are called as the codes of sites, scanners and groups are: as numbers they would be a measurement, and site 12 more than site 3.</summary>
internal static class CodeName
{
    private static readonly HashSet<string> Codes = new(StringComparer.OrdinalIgnoreCase) { "site", "centre", "center", "scanner", "batch", "group", "hospital", "protocol", "cohort" };

    /// <summary>With one of these a name says how much there is of it: hospital_days, group_size.</summary>
    private static readonly HashSet<string> Amounts = new(StringComparer.OrdinalIgnoreCase)
    {
        "age", "count", "counts", "days", "deviations", "distance", "duration", "hours", "length", "months", "percent", "rate", "score", "size", "stay", "stays", "time", "total", "visits", "volume", "weeks", "weight", "years",
    };

    /// <summary>Whether more than two whole numbers stand under such a name; two codes are the same as a number.</summary>
    public static bool IsOf(string name, IEnumerable<double> values)
    {
        var words = Words(name);
        double[] different = [.. values.Distinct()];
        return different.Length > 2 && Array.TrueForAll(different, double.IsInteger) && words.Exists(Codes.Contains) && !words.Exists(Amounts.Contains);
    }

    /// <summary>Of <c>scan_site</c>, <c>ScanSite</c> and <c>site2</c> the words in letters.</summary>
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
