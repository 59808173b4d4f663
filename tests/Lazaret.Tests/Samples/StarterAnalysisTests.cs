using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;
using Lazaret.Tests.Cohort;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Samples;

/// <summary>The sample of a visiting analysis, given what the node gives it, beside the built-in task. In the sandbox it is tried elsewhere.</summary>
public sealed class StarterAnalysisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(DataView View, QueryFields Fields, string Map)> _asked = [];

    /// <summary>What pandas does with names and values that do not exist, the node refuses; that one number be exact, a steward alone may ask.</summary>
    private static IEnumerable<JsonNode> TinyQueries => TinySite.Queries.Where(query => query.Key[..3] is not ("q11" or "q12" or "q14" or "q15")).Select(query => query.Value);

    [Fact]
    public async Task It_answers_every_query_of_the_tiny_site_as_the_built_in_task_does()
    {
        var view = TinySite.Open();
        foreach (var query in TinyQueries)
            Ask(view, Fields((string)query["outcome"]!, (string)query["stat"]!, (string)query["mask"]!, query["filters"]!.ToJsonString()), Path.Combine(TinySite.Folder, (string)query["map"]!));
        var age = Catalog.Of(view, 0).Variables.OfType<Variable.Number>().Single(variable => variable.Name == "age").Bins;
        // Up to the last edge the oldest belong to it; up to another one those on it do not.
        Ask(view, Fields("UPDRS_change", filters: FormattableString.Invariant($"{{\"age\":{{\"min\":{age[^2]},\"max\":{age[^1]}}}}}")), TinySite.Map("main.nii.gz"));
        Ask(view, Fields("UPDRS_change", filters: FormattableString.Invariant($"{{\"age\":{{\"min\":{age[0]},\"max\":{age[1]}}},\"visit\":[\"6mo\",\"12mo\"]}}")), TinySite.Map("main.nii.gz"));
        await CompareAsync();
    }

    [Fact]
    public async Task It_answers_every_query_of_the_site_of_scores_as_the_built_in_task_does()
    {
        using var site = new FieldSite();
        Turn(site["conn/sub-03.nii.gz"]);
        AddDimension(site["conn/sub-05.nii.gz"]);
        // Neither is in the list that an analysis is given: one has no finite voxel, and the other ends too soon.
        var empty = NiftiVolume.Read(site["conn/sub-07.nii.gz"]);
        NiftiWriter.Write(site["conn/sub-07.nii.gz"], empty with { Values = [.. Enumerable.Repeat(float.NaN, empty.Values.Length)] });
        File.WriteAllBytes(site["conn/sub-08.nii.gz"], File.ReadAllBytes(site["conn/sub-08.nii.gz"])[..^4]);
        site.Write("site.yaml", "masks:\n  roi_bg1e-5: {above: 0.5}\n");
        var view = site.Open();
        Assert.Empty(view.Faults);
        foreach (var score in ScoreNames.All)
        {
            foreach (var stat in Enum.GetNames<Statistic>().Select(name => name.ToLowerInvariant()))
                Ask(view, Fields("score", stat) with { Score = score }, site["scores_map.nii.gz"]);
            foreach (var mask in view.Masks)
                Ask(view, Fields("score", mask: mask) with { Score = score }, site["scores_map.nii.gz"]);
        }

        foreach (var stat in new[] { "pearson", "spearman" })
            Ask(view, Fields("score", stat) with { Covariates = "age,sex" }, site["scores_map.nii.gz"]);
        await CompareAsync();
    }

    [Fact]
    public async Task It_takes_covariates_as_the_node_reads_them_out_of_the_site_s_tables()
    {
        using var site = new FieldSite();
        // 1. Of numbers that are declared as levels there are columns of zeros and ones.
        site.With("subjects.csv", text => WithColumn(text, "centre", row => $"{1 + (row % 4)}"));
        site.Write("site.yaml", "variables:\n  centre: {levels: [\"1\", \"2\", \"3\", \"4\"]}\n  sex: {levels: [F, M]}\n  age: {bins: [0, 50, 120]}\n");
        AskBoth();

        // 2. Semicolons and decimal commas, as a spreadsheet in half of Europe writes them, and a mark for what is missing.
        using var european = new FieldSite();
        european.With("subjects.csv", text => WithColumn(text, "weight", row => row == 3 ? "fehlt" : $"{50 + row},{row % 7}"));
        foreach (var table in new[] { "subjects.csv", "outcomes.csv", "paths.csv" })
            european.With(table, text => string.Join('\n', text.TrimEnd().Split('\n').Select((line, row) => Separated(line, row))) + "\n");
        european.Write("site.yaml", "separator: ;\ndecimal: \",\"\nmissing: [n/a, fehlt]\n");
        AskWith(european, "weight");
        await CompareAsync();

        void AskBoth()
        {
            AskWith(site, "centre");
            AskWith(site, "age,centre,sex");
        }

        void AskWith(FieldSite of, string covariates)
        {
            var view = of.Open();
            Assert.Empty(view.Faults);
            foreach (var stat in new[] { "pearson", "spearman" })
                Ask(view, Fields("score", stat) with { Covariates = covariates }, of["scores_map.nii.gz"]);
        }

        static string WithColumn(string text, string name, Func<int, string> value) =>
            string.Join('\n', text.TrimEnd().Split('\n').Select((line, row) => $"{line.TrimEnd('\r')},{(row == 0 ? name : $"\"{value(row)}\"")}")) + "\n";

        // The last field of subjects is in quotation marks, and has a comma of its own.
        static string Separated(string line, int row)
        {
            var (head, tail) = line.IndexOf('"', StringComparison.Ordinal) is >= 0 and var at ? (line[..at], line[at..].Replace("\"", "", StringComparison.Ordinal)) : (line, "");
            return row == 0 ? line.Replace(',', ';') : head.Replace(',', ';').Replace('.', row > 0 && !line.Contains(".nii", StringComparison.Ordinal) ? ',' : '.') + tail;
        }
    }

    public void Dispose() => _folder.Dispose();

    private static QueryFields Fields(string outcome, string stat = "pearson", string mask = "", string filters = "{}") => new() { Outcome = outcome, Stat = stat, Mask = mask, Filters = filters };

    private void Ask(DataView view, QueryFields fields, string map) => _asked.Add((view, fields, map));

    private static CohortQuery QueryOf(DataView view, QueryFields fields)
    {
        var parsed = CohortQuery.Parse(fields, Catalog.Of(view, 0), Asker.Requester);
        Assert.True(parsed is QueryParse.Accepted, parsed is QueryParse.Refused refused ? string.Join('\n', refused.Faults) : "");
        return ((QueryParse.Accepted)parsed).Query;
    }

    private async Task CompareAsync()
    {
        foreach (var package in new[] { "nibabel", "pandas", "scipy" })
            ServerProcess.Require($"/usr/lib/python3/dist-packages/{package}/__init__.py", $"python3-{package}");
        var queries = _asked.ConvertAll(asked => QueryOf(asked.View, asked.Fields));
        var maps = _asked.ConvertAll(asked => Assert.IsType<MapPlacement.Placed>(MapPlacement.Of(NiftiVolume.Read(asked.Map), asked.View.Grid!)).Map);
        for (var i = 0; i < _asked.Count; i++)
            Lay(_folder[$"{i:000}"], _asked[i].View, _asked[i].Fields, queries[i], maps[i]);
        await Tool.RunAsync("/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "Samples", "data", "ask_starter.py"), Repository.File("samples", "analyses", "starter", "run_job.py"), _folder.Path);
        for (var i = 0; i < _asked.Count; i++)
        {
            var expected = Assert.Single(new CohortAnalysis(_asked[i].View).Run(queries[i], maps[i], TestContext.Current.CancellationToken));
            var answer = JsonNode.Parse(await File.ReadAllTextAsync(_folder[$"{i:000}/result.json"], TestContext.Current.CancellationToken))!;
            Assert.True((int)answer["n"]! == expected.N, $"{queries[i]}: n is {answer["n"]}, expected {expected.N}");
            Near("R", expected.R, 1e-9);
            Near("p", expected.P, 1e-6 * (expected.P ?? 0));

            void Near(string name, double? value, double tolerance) => Assert.True(
                value is null ? answer[name] is null : Math.Abs((double)answer[name]! - value.Value) <= tolerance, $"{queries[i]}: {name} is {answer[name]}, expected {value}");
        }
    }

    /// <summary>What the sandbox would show the analysis, by paths of this machine.</summary>
    private static void Lay(string folder, DataView view, QueryFields fields, CohortQuery query, NiftiVolume map)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in VisitingFiles.Of(view, query, VisitingFiles.Select(view, store: null, query, map, TestContext.Current.CancellationToken), map))
            File.WriteAllBytes(Path.Combine(folder, name), bytes.Span);
        File.WriteAllText(Path.Combine(folder, "env.json"), JsonSerializer.Serialize(new Dictionary<string, string>
        {
            [AnalysisContract.DataDirectory] = view.Directory,
            [AnalysisContract.MapPath] = Path.Combine(folder, AnalysisContract.MapFile),
            [AnalysisContract.MaskPath] = query.Mask is null ? "" : Path.Combine(folder, AnalysisContract.MaskFile),
            [AnalysisContract.Rows] = Path.Combine(folder, AnalysisContract.RowsFile),
            [AnalysisContract.Values] = Path.Combine(folder, AnalysisContract.ValuesFile),
            [AnalysisContract.OutJson] = Path.Combine(folder, AnalysisContract.ResultFile),
            [AnalysisContract.Outcome] = query.Outcome,
            [AnalysisContract.Score] = ScoreNames.Of(query.Score),
            [AnalysisContract.Stat] = fields.Stat!,
            [AnalysisContract.Covariates] = string.Join(',', query.Covariates),
        }));
    }

    /// <summary>Stores a volume with its first axis from the other end and the last two in each other's place.</summary>
    private static void Turn(string file)
    {
        var volume = NiftiVolume.Read(file);
        var grid = volume.Grid;
        var turned = new Grid(grid.X, grid.Z, grid.Y, grid.Affine * new Affine(-1, 0, 0, grid.X - 1, 0, 0, 1, 0, 0, 1, 0, 0));
        NiftiWriter.Write(file, Resampling.Onto(volume, turned, Interpolation.Nearest).Volume);
    }

    /// <summary>Says of a volume that it has a fourth dimension, of length 1.</summary>
    private static void AddDimension(string file)
    {
        using var plain = new MemoryStream();
        NiftiWriter.Write(plain, NiftiVolume.Read(file), compress: false);
        var bytes = plain.ToArray();
        // nifti1.h: dim[0].
        bytes[40] = 4;
        using var packed = new GZipStream(File.Create(file), CompressionLevel.Fastest);
        packed.Write(bytes);
    }
}
