using Lazaret.Cohort;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Store;

public sealed class CohortStoreTests : IDisposable
{
    private readonly SmallSite _site = new();

    public static TheoryData<KernelWidth> Widths => [.. Enum.GetValues<KernelWidth>()];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Scores_from_the_store_equal_scores_from_the_volumes_at_every_width(KernelWidth width)
    {
        Assert.SkipUnless(Product.Of(width) is not null, "This processor has no such registers.");
        var view = _site.Open();
        Ingest(view);
        using var store = CohortStore.Open(_site.Store);
        foreach (var maps in new[] { 1, 2, 3, 4, 7 })
        {
            var batch = new NiftiVolume(SmallSite.Grid, maps, [.. Enumerable.Range(0, maps).SelectMany(i => SmallSite.RandomMap(100 + i, holes: i % 3))]);
            foreach (var query in new[] { new CohortQuery { Outcome = "y", Statistic = default }, new CohortQuery { Outcome = "y", Statistic = default, Mask = "M", Filters = [new Filter.OneOf("dx", ["A"])] } })
            {
                var expected = new CohortAnalysis(view).Score(query, batch, TestContext.Current.CancellationToken);
                var actual = new CohortAnalysis(view, store) { Product = Product.Of(width)! }.Score(query, batch, TestContext.Current.CancellationToken);
                Assert.Equal(expected.Selection.Rows, actual.Selection.Rows);
                for (var map = 0; map < maps; map++)
                    Assert.All(expected.Scores[map].Zip(actual.Scores[map]), pair => Assert.Equal(pair.First, pair.Second, 1e-15 * SmallSite.Grid.Voxels));
            }
        }
    }

    [Fact]
    public void A_subject_that_shares_no_finite_voxel_is_dropped_by_the_store_too()
    {
        var voxels = (int)SmallSite.Grid.Voxels;
        NiftiWriter.Write(_site["conn/4.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, [.. Enumerable.Repeat(float.NaN, voxels - 1), 3]));
        var view = _site.Open();
        Ingest(view);
        using var store = CohortStore.Open(_site.Store);
        var analysis = new CohortAnalysis(view, store);
        var map = SmallSite.RandomMap(1);
        map[^1] = float.NaN;
        Assert.Equal(double.NaN, analysis.Score(new CohortQuery { Outcome = "y", Statistic = default }, new NiftiVolume(SmallSite.Grid, 1, map), TestContext.Current.CancellationToken).Scores[0][4]);
        map[^1] = 2;
        Assert.Equal(6, analysis.Score(new CohortQuery { Outcome = "y", Statistic = default }, new NiftiVolume(SmallSite.Grid, 1, map), TestContext.Current.CancellationToken).Scores[0][4]);
    }

    [Fact]
    public void Only_what_changed_is_read_again()
    {
        Assert.Equal((11, 11), (Ingest(_site.Open()) is var first ? first.Rows : 0, first.Read));
        Assert.Equal(new IngestReport(11, 0, [], null) with { Unusable = [] }, Ingest(_site.Open()) with { Unusable = [] });

        _site.WriteVolume(3, 999);
        _site.Write("subjects.csv", File.ReadAllText(_site["subjects.csv"]).Replace("s07,1,B\n", "", StringComparison.Ordinal));
        var view = _site.Open();
        var report = Ingest(view);
        Assert.Equal((10, 1), (report.Rows, report.Read));
        AssertAnswersLikeVolumes(view);
    }

    [Fact]
    public void A_refresh_builds_what_is_missing_and_leaves_what_is_current()
    {
        for (var round = 0; round < 3; round++)
        {
            if (round == 2)
                _site.WriteVolume(3, 999);
            var report = StoreIngest.Refresh(_site.Open(), _site.Store, null, null, TestContext.Current.CancellationToken);
            Assert.Equal((11, new[] { 11, 0, 1 }[round]), (report.Rows, report.Read));
        }

        AssertAnswersLikeVolumes(_site.Open());
    }

    [Fact]
    public void What_is_gone_stays_in_the_store_and_is_not_read_again_when_it_comes_back()
    {
        var whole = _site.Open();
        Ingest(whole);
        var before = File.ReadAllBytes(_site.Store);
        Directory.CreateDirectory(_site["away"]);
        File.Move(_site["conn/3.nii.gz"], _site["away/3"]);
        File.Move(_site["conn/4.nii.gz"], _site["away/4"]);
        // Of a view that was read before, and of one that is read now.
        Assert.Equal((11, 0), Counts(Ingest(whole)));
        Assert.Equal((11, 0), Counts(Ingest(_site.Open())));
        Assert.Equal(before, File.ReadAllBytes(_site.Store));
        using (var store = CohortStore.Open(_site.Store))
            Assert.Equal(2, _site.Open().Absent.Count(store.Holds));

        // Another volume changes meanwhile, or all that are there are read again.
        _site.WriteVolume(5, 999);
        Assert.Equal((11, 1), Counts(Ingest(_site.Open())));
        AssertAnswersLikeVolumes(_site.Open());
        Assert.Equal((11, 9), Counts(StoreIngest.Run(_site.Open(), _site.Store, force: true, null, null, TestContext.Current.CancellationToken)));
        File.Move(_site["away/3"], _site["conn/3.nii.gz"]);
        Assert.Equal((11, 0), Counts(Ingest(_site.Open())));
        AssertAnswersLikeVolumes(_site.Open());

        // Whoever is taken out of the tables leaves the store.
        _site.Write("paths.csv", File.ReadAllText(_site["paths.csv"]).Replace("s04,1,conn/4.nii.gz\n", "", StringComparison.Ordinal));
        Assert.Equal((10, 0), Counts(Ingest(_site.Open())));

        static (int Rows, int Read) Counts(IngestReport report) => (report.Rows, report.Read);
    }

    [Fact]
    public void A_row_that_changed_since_the_ingest_is_read_from_its_volume()
    {
        Ingest(_site.Open());
        _site.WriteVolume(3, 999);
        AssertAnswersLikeVolumes(_site.Open());
    }

    [Fact]
    public void Volumes_of_one_size_and_time_that_change_places_are_read_again()
    {
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (var (folder, seed) in new[] { ("a", 71), ("b", 72) })
        {
            Directory.CreateDirectory(_site[folder]);
            NiftiWriter.Write(_site[$"{folder}/volume.nii"], new NiftiVolume(SmallSite.Grid, 1, SmallSite.RandomMap(seed)));
            File.SetLastWriteTimeUtc(_site[$"{folder}/volume.nii"], time);
        }

        var paths = File.ReadAllText(_site["paths.csv"]);
        _site.Write("paths.csv", Paths("a", "b"));
        Ingest(_site.Open());
        _site.Write("paths.csv", Paths("b", "a"));
        Assert.Equal(2, Ingest(_site.Open()).Read);
        AssertAnswersLikeVolumes(_site.Open());

        string Paths(string third, string fourth) => paths
            .Replace("conn/3.nii.gz", $"{third}/volume.nii", StringComparison.Ordinal)
            .Replace("conn/4.nii.gz", $"{fourth}/volume.nii", StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_behind_a_link_is_read_again_when_it_changes()
    {
        Directory.CreateDirectory(_site["elsewhere"]);
        File.Move(_site["conn/3.nii.gz"], _site["elsewhere/volume.nii.gz"]);
        File.CreateSymbolicLink(_site["conn/3.nii.gz"], _site["elsewhere/volume.nii.gz"]);
        Assert.Equal(11, Ingest(_site.Open()).Read);
        File.Copy(_site["conn/6.nii.gz"], _site["elsewhere/volume.nii.gz"], overwrite: true);
        Assert.Equal(1, Ingest(_site.Open()).Read);
        AssertAnswersLikeVolumes(_site.Open());
    }

    [Fact]
    public void A_pipe_for_a_volume_is_listed_and_nobody_waits_for_it()
    {
        File.Delete(_site["conn/3.nii.gz"]);
        _site.MakePipe("conn/3.nii.gz");
        Assert.Equal("paths.csv:5: no sound volume: file: empty, or no regular file", Assert.Single(Ingest(_site.Open()).Unusable).ToString());
    }

    [Fact]
    public void Every_volume_that_cannot_be_used_is_listed_and_not_read_again()
    {
        File.WriteAllBytes(_site["conn/2.nii.gz"], File.ReadAllBytes(_site["conn/1.nii.gz"])[..^4]);
        NiftiWriter.Write(_site["conn/5.nii.gz"], new NiftiVolume(SmallSite.Grid with { Z = 8 }, 1, new float[11 * 9 * 8]));
        var view = _site.Open();
        for (var round = 0; round < 2; round++)
        {
            var report = Ingest(view);
            Assert.Equal((9, round == 0 ? 11 : 0), (report.Rows, report.Read));
            Assert.Equal([4, 7], report.Unusable.Select(fault => fault.Line));
            Assert.Equal("paths.csv:4: no sound volume: gzip: a member's checksum or length is wrong, or cut off", report.Unusable[0].ToString());
        }

        using var store = CohortStore.Open(_site.Store);
        var scores = new CohortAnalysis(view, store).Score(new CohortQuery { Outcome = "y", Statistic = default }, Map(), TestContext.Current.CancellationToken);
        Assert.Equal([4, 7], scores.Unusable.Select(fault => fault.Line));
        Assert.Equal(9, Assert.Single(scores.Correlate(default)).N);
    }

    [Fact]
    public void A_store_that_is_damaged_anywhere_is_rebuilt()
    {
        var view = _site.Open();
        Ingest(view);
        var sound = File.ReadAllBytes(_site.Store);
        var random = new Random(2);
        // Padding between the sections and behind the rows carries nothing; everything else is covered.
        var covered = Enumerable.Range(0, 24).Concat(Enumerable.Range(0, 40).Select(_ => random.Next(sound.Length))).Where(at => at < 24 || sound[at] != 0);
        foreach (var at in covered)
        {
            var damaged = sound.ToArray();
            damaged[at] ^= 0x40;
            File.WriteAllBytes(_site.Store, damaged);
            Assert.NotNull(Ingest(view).Replaced);
            Assert.Null(Ingest(view).Replaced);
        }

        foreach (var length in new[] { 0, 19, 200, sound.Length - 1 })
        {
            File.WriteAllBytes(_site.Store, sound[..length]);
            Assert.Throws<StoreException>(() => CohortStore.Open(_site.Store));
            Assert.Equal(11, Ingest(view).Read);
        }
    }

    [Fact]
    public void A_store_of_another_grid_is_replaced()
    {
        Ingest(_site.Open());
        using var other = new SmallSite(subjects: 4);
        foreach (var file in Directory.EnumerateFiles(other["conn"]))
        {
            var volume = NiftiVolume.Read(file);
            NiftiWriter.Write(file, volume with { Grid = volume.Grid with { Affine = Affine.Identity } });
        }

        Directory.CreateDirectory(other["state"]);
        File.Copy(_site.Store, other.Store);
        var report = StoreIngest.Run(other.Open(), other.Store, null, null, TestContext.Current.CancellationToken);
        Assert.Equal((4, "the cohort store is on another grid"), (report.Rows, report.Replaced));
    }

    [Fact]
    public void A_crash_leaves_the_store_before_and_its_leftovers_are_cleared()
    {
        var view = _site.Open();
        Ingest(view);
        var before = File.ReadAllBytes(_site.Store);
        File.WriteAllText(_site.Store + ".part-1", "half");
        File.WriteAllText(_site.Store + ".part-1-spill", "half");
        _site.WriteVolume(0, 77);
        Assert.ThrowsAny<OperationCanceledException>(() => StoreIngest.Run(view, _site.Store, null, new Cancel(at: 5), Cancel.Source.Token));
        Assert.Equal(before, File.ReadAllBytes(_site.Store));
        Ingest(view);
        Assert.Equal([_site.Store, _site.Store + ".lock"], Directory.EnumerateFiles(_site["state"]).Order());
    }

    [Fact]
    public async Task Two_ingests_at_once_take_turns()
    {
        var view = _site.Open();
        var reports = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Ingest(view), TestContext.Current.CancellationToken)));
        Assert.Equal(11, reports.Sum(report => report.Read));
    }

    [Fact]
    public void Progress_counts_up_to_every_row()
    {
        var seen = new Recorded();
        StoreIngest.Run(_site.Open(), _site.Store, null, seen, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 11), seen.Values.Select(progress => progress.Done));
        Assert.All(seen.Values, progress => Assert.Equal(11, progress.Total));
        Assert.Equal(Enumerable.Range(0, 11).Sum(i => new FileInfo(_site[$"conn/{i}.nii.gz"]).Length), seen.Values[^1].Bytes);
    }

    public void Dispose() => _site.Dispose();

    private static NiftiVolume Map() => new(SmallSite.Grid, 1, SmallSite.RandomMap(42));

    private IngestReport Ingest(DataView view) => StoreIngest.Run(view, _site.Store, null, null, TestContext.Current.CancellationToken);

    private void AssertAnswersLikeVolumes(DataView view)
    {
        using var store = CohortStore.Open(_site.Store);
        var query = new CohortQuery { Outcome = "y", Statistic = default };
        var expected = Assert.Single(new CohortAnalysis(view).Run(query, Map(), TestContext.Current.CancellationToken));
        var actual = Assert.Single(new CohortAnalysis(view, store).Run(query, Map(), TestContext.Current.CancellationToken));
        Assert.Equal(expected.N, actual.N);
        Assert.Equal(expected.R!.Value, actual.R!.Value, 1e-14);
    }

    private sealed class Recorded : IProgress<IngestProgress>
    {
        public List<IngestProgress> Values { get; } = [];

        public void Report(IngestProgress value) => Values.Add(value);
    }

    private sealed class Cancel(int at) : IProgress<IngestProgress>
    {
        public static CancellationTokenSource Source { get; } = new();

        public void Report(IngestProgress value)
        {
            if (value.Done == at)
                Source.Cancel();
        }
    }
}
