using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort;

/// <summary>A copy of the site of 60 subjects that scores are compared on, to be spoilt the way real sites are.</summary>
internal sealed class FieldSite : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FieldSite()
    {
        foreach (var file in Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories))
        {
            var copy = _folder[System.IO.Path.GetRelativePath(Source, file)];
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public static string Source { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "scores_site");

    public static string Case(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "cases", name);

    public string this[string name] => _folder[name];

    public string Path => _folder.Path;

    public DataView Open() => DataView.Open(_folder.Path);

    public SiteReport Check() => SiteCheck.Run(Open(), null, null, TestContext.Current.CancellationToken);

    public void Write(string file, string text) => _folder.Write(file, text);

    /// <summary>Replaces in a file of text.</summary>
    public FieldSite With(string file, Func<string, string> change)
    {
        _folder.Write(file, change(File.Exists(this[file]) ? File.ReadAllText(this[file]) : ""));
        return this;
    }

    /// <summary>Writes a column of a table anew; a null leaves what is there.</summary>
    /// <param name="valueOf">Is given the row, from 0.</param>
    public void Set(string file, int column, Func<int, string?> valueOf, char separator = ',') => With(file, text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, at) =>
    {
        var fields = line.Split(separator);
        if (at > 0)
            fields[column] = valueOf(at - 1) ?? fields[column];
        return $"{string.Join(separator, fields)}\n";
    })));

    public CohortResult Ask(CohortQuery query, string map = "scores_map.nii.gz")
    {
        var view = Open();
        var placed = Assert.IsType<MapPlacement.Placed>(MapPlacement.Of(NiftiVolume.Read(this[map]), view.Grid!)).Map;
        return Assert.Single(new CohortAnalysis(view).Run(query, placed, TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Dispose();
}
