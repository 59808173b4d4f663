using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort;

/// <summary>24 subjects on an 8 mm grid, with answers by numpy and scipy.</summary>
internal static class TinySite
{
    public static string Directory { get; } = Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "tiny_site");

    public static string Map(string name) => Path.Combine(Directory, name);

    public static DataView Open() => DataView.Open(Directory);
}
