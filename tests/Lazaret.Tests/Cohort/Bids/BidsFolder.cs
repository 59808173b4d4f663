using Lazaret.Cohort.Bids;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Bids;

/// <summary>A data set in BIDS' layout: ten participants, two sessions each, a questionnaire by session, and maps as derivatives.</summary>
internal sealed class BidsFolder : IDisposable
{
    public const string Pattern = "derivatives/net/{subject}/{session}/func/{subject}_{session}_space-MNI152NLin6Asym_desc-conn_map.nii.gz";

    private readonly TemporaryFolder _folder = new();

    public BidsFolder()
    {
        Write("dataset_description.json", """{"Name":"A sample","BIDSVersion":"1.10.0","DatasetType":"raw"}""");
        Write("participants.tsv", "participant_id\tage\tsex\thandedness\tnotes\n" + string.Concat(Subjects.Select((subject, i) =>
            $"{subject}\t{(i == 3 ? "n/a" : 40 + 3 * i)}\t{1 + i % 2}\t{(i % 3 == 0 ? "left" : "right")}\t{(i == 0 ? "n/a" : $"came on 2024-03-{10 + i}")}\n")));
        Write("participants.json", """{"age":{"Units":"years"},"sex":{"Description":"as in the register","Levels":{"1":"female","2":{"Description":"male"}}},"notes":"free"}""");
        foreach (var subject in Subjects)
            Write($"{subject}/{subject}_sessions.tsv", "session_id\tacq_time\tstimulation\nses-pre\t2024-01-05T09:00:00\toff\nses-post\t2024-07-05T09:00:00\ton\n");
        Write("phenotype/updrs.tsv", "participant_id\tsession_id\ttotal\tresponder\n" + string.Concat(Subjects.SelectMany((subject, i) =>
            new[] { $"{subject}\tses-pre\t{30 + i}\t0\n", $"{subject}\tses-post\t{(i == 5 ? "n/a" : 20 + i * i % 7)}\t{i % 2}\n" })));
        Write("phenotype/updrs.json", """{"total":{"Units":"points"},"responder":{"Levels":{"0":"no","1":"yes"}}}""");
        Write("phenotype/bdi.tsv", "participant_id\ttotal\n" + string.Concat(Subjects.Select((subject, i) => $"{subject}\t{i % 4}\n")));
        var random = new Random(3);
        foreach (var (subject, session) in Subjects.SelectMany(subject => new[] { (subject, "ses-pre"), (subject, "ses-post") }))
            WriteMap(Pattern.Replace("{subject}", subject, StringComparison.Ordinal).Replace("{session}", session, StringComparison.Ordinal), random.Next());
    }

    public static IReadOnlyList<string> Subjects { get; } = [.. Enumerable.Range(1, 10).Select(i => $"sub-{i:00}")];

    public string Path => _folder["data"];

    public string this[string name] => _folder[$"data/{name}"];

    /// <summary>A folder beside the data set.</summary>
    public string Beside(string name) => _folder[name];

    public string MakePrivate(string name) => _folder.MakePrivate(name);

    public void Write(string name, string text) => _folder.Write($"data/{name}", text);

    public void WriteMap(string name, int seed)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        NiftiWriter.Write(this[name], new NiftiVolume(SmallSite.Grid, 1, SmallSite.RandomMap(seed)));
    }

    /// <summary>The view that is made of it, by a mapping or the proposed one; without faults.</summary>
    public DataView Import(BidsMapping? mapping = null)
    {
        var faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(Path, faults);
        var view = BidsView.Of(dataset, mapping ?? BidsProposal.Of(dataset), BidsMapping.File, faults);
        Assert.Empty(faults);
        foreach (var (name, text) in view!.Files)
            _folder.Write($"view/{name}", text);
        return DataView.Open(_folder["view"]);
    }

    public void Dispose() => _folder.Dispose();
}
