using Lazaret.Cohort.Bids;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Bids;

public sealed class BidsImportTests : IDisposable
{
    private readonly BidsFolder _data = new();

    [Fact]
    public void A_view_has_participants_sessions_and_phenotypes_of_every_volume()
    {
        var view = _data.Import();
        Assert.Empty(view.Faults);
        Assert.Equal(20, view.Rows.Count);
        Assert.All(view.Rows, row => Assert.StartsWith(_data.Path, row.VolumePath, StringComparison.Ordinal));
        Assert.Equal(["visit", "age", "sex", "handedness", "stimulation"], view.Attributes.Keys);
        Assert.Equal(["bdi_total", "updrs_total", "responder"], view.Outcomes.Keys);
        var row = view.Rows.ToList().FindIndex(found => found is { SubjectId: "sub-04", Visit: "ses-post" });
        Assert.Equal(["ses-post", "", "2", "left", "on"], view.Attributes.Values.Select(column => column[row]));
        Assert.Equal([3, 22, 1], view.Outcomes.Values.Select(column => column[row]));
        var missing = view.Rows.ToList().FindIndex(found => found is { SubjectId: "sub-06", Visit: "ses-post" });
        Assert.Equal(double.NaN, view.Outcomes["updrs_total"][missing]);
    }

    [Fact]
    public void The_json_files_say_what_is_a_category_and_the_volumes_which_template_they_lie_in()
    {
        var view = _data.Import();
        Assert.Equal("MNI152NLin6Asym", view.Declaration.Template);
        var catalog = Catalog.Of(view, 0);
        Assert.Equal(["1", "2"], Assert.IsType<Variable.Category>(catalog.Variables.Single(variable => variable.Name == "sex")).Levels);
        Assert.IsType<Variable.Number>(catalog.Variables.Single(variable => variable.Name == "age"));
        Assert.Equal([0, 1], view.Declaration.Outcomes!.Single(outcome => outcome.Name == "responder").Levels!);
        // A value that its levels do not have is told, as in any view.
        _data.Write("participants.tsv", File.ReadAllText(_data["participants.tsv"]).Replace("sub-02\t43\t2", "sub-02\t43\t9", StringComparison.Ordinal));
        Assert.All(_data.Import().Faults, fault => Assert.Contains("sex is none of the declared levels", fault.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_code_for_a_missing_value_does_not_stretch_the_bins()
    {
        _data.Write("participants.tsv", File.ReadAllText(_data["participants.tsv"]).Replace("sub-02\t43\t2", "sub-02\t-999\t2", StringComparison.Ordinal));
        var view = _data.Import();
        Assert.True(Assert.IsType<VariableDeclaration.Number>(view.Declaration.Variables!.Single(variable => variable.Name == "age")).Edges[0] >= 0);
        Assert.Contains(view.Findings, finding => finding.Message.StartsWith("age lies outside its declared bins", StringComparison.Ordinal));
    }

    [Fact]
    public void Free_text_and_dates_are_left_out_and_the_mapping_says_so()
    {
        _data.Write("participants.tsv", File.ReadAllText(_data["participants.tsv"]).Replace("came on", "seen", StringComparison.Ordinal));
        var text = BidsProposal.Of(BidsDataset.Read(_data.Path, new FaultList<Fault>())).Write();
        Assert.Contains("# left out: sessions.tsv#acq_time (it holds dates)", text, StringComparison.Ordinal);
        Assert.Contains("\"sex\": \"participants.tsv#sex\"  # as in the register; 1: female, 2: male", text, StringComparison.Ordinal);
        Assert.Contains("\"age\": \"participants.tsv#age\"  # in years", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_that_was_changed_is_read_as_it_was_written()
    {
        var proposed = BidsProposal.Of(BidsDataset.Read(_data.Path, new FaultList<Fault>()));
        var faults = new FaultList<Fault>();
        var changed = BidsMapping.Read(proposed.Write().Replace("\"bdi_total\"", "\"depression, \\\"BDI\\\"\"", StringComparison.Ordinal), "bids.yaml", faults);
        Assert.Empty(faults);
        Assert.Equal(BidsFolder.Pattern, changed!.Maps);
        Assert.Equal(["depression, \"BDI\"", "updrs_total", "responder"], _data.Import(changed).Outcomes.Keys);
    }

    [Fact]
    public void What_is_wrong_with_a_mapping_is_told_with_its_place()
    {
        var faults = new FaultList<Fault>();
        Assert.Null(BidsMapping.Read("maps: x\nattributes:\n  visit: participants.tsv#age\n  age: age\nother: 1\n", "m.yaml", faults));
        Assert.Equal(
            ["m.yaml:3:3: the data view has a column of this name of its own: choose another", "m.yaml:4:8: expected a column, like participants.tsv#age", "m.yaml:5:1: unknown key, expected maps, visit, attributes or outcomes"],
            faults.Select(fault => fault.ToString()));

        faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(_data.Path, faults);
        var mapping = BidsMapping.Read("maps: derivatives/none/{subject}.nii.gz\nattributes:\n  age: participants.tsv#years\noutcomes:\n  y: phenotype/none.tsv#y\n", "m.yaml", faults)!;
        Assert.Null(BidsView.Of(dataset, mapping, "m.yaml", faults));
        Assert.Equal(
            ["m.yaml:3:8: age: participants.tsv has no column years", "m.yaml:5:6: y: the data set has no table phenotype/none.tsv", "m.yaml: maps: no volume below derivatives/ follows derivatives/none/{subject}.nii.gz"],
            faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void What_lies_beside_the_maps_is_no_map_and_what_means_missing_is_no_level()
    {
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/net/{subject}/{subject}_desc-brain_mask.nii.gz", 5);
        _data.Write("participants.tsv", File.ReadAllText(_data["participants.tsv"]).Replace("\tright\t", "\tNA\t", StringComparison.Ordinal));
        var faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(_data.Path, faults);
        var proposed = BidsProposal.Of(dataset);
        Assert.Equal(BidsFolder.Pattern, proposed.Maps);
        Assert.Contains("\"handedness\": {levels: [\"left\"]}", BidsView.Of(dataset, proposed, "bids.yaml", faults)!.Files["site.yaml"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_half_as_many_subjects_have_is_as_likely_meant()
    {
        foreach (var subject in BidsFolder.Subjects.Take(5))
            _data.WriteMap($"derivatives/other/{subject}_desc-x_map.nii.gz", 5);
        Assert.Null(BidsProposal.Of(BidsDataset.Read(_data.Path, new FaultList<Fault>())).Maps);
        File.Delete(_data[$"derivatives/other/{BidsFolder.Subjects[0]}_desc-x_map.nii.gz"]);
        Assert.Equal(BidsFolder.Pattern, BidsProposal.Of(BidsDataset.Read(_data.Path, new FaultList<Fault>())).Maps);
    }

    [Fact]
    public void A_json_file_whose_content_git_annex_has_elsewhere_is_a_fault()
    {
        File.Delete(_data["participants.json"]);
        File.CreateSymbolicLink(_data["participants.json"], ".git/annex/objects/Xx/Yy/MD5E-s1--0/MD5E-s1--0");
        var faults = new FaultList<Fault>();
        BidsDataset.Read(_data.Path, faults);
        Assert.StartsWith("participants.json: is a link of git-annex", Assert.Single(faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_kinds_of_volumes_that_all_subjects_have_a_person_chooses()
    {
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/other/{subject}_desc-x_map.nii.gz", 5);
        var faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(_data.Path, faults);
        var proposed = BidsProposal.Of(dataset);
        Assert.Null(BidsView.Of(dataset, proposed, "bids.yaml", faults));
        Assert.Equal("bids.yaml: maps: several patterns would do: choose one", Assert.Single(faults).ToString());
        Assert.Contains("# volumes of 10 subjects: derivatives/other/{subject}_desc-x_map.nii.gz", proposed.Write(), StringComparison.Ordinal);

        // Of those without a session there is one visit, and what is told by session is missing.
        faults = new FaultList<Fault>();
        var mapping = BidsMapping.Read("maps: derivatives/other/*\nvisit: once\nattributes:\n  age: participants.tsv#age\n  stimulation: sessions.tsv#stimulation\noutcomes:\n  bdi: phenotype/bdi.tsv#total\n", "m.yaml", faults)!;
        var view = _data.Import(mapping);
        Assert.Equal(10, view.Rows.Count);
        Assert.All(view.Rows, row => Assert.Equal("once", row.Visit));
        Assert.All(view.Attributes["stimulation"], Assert.Empty);
    }

    [Fact]
    public void Tables_that_are_not_as_BIDS_has_them_are_said_to_be_unread()
    {
        foreach (var file in (string[])["phenotype/age.csv", "phenotype/SEX.TSV", "phenotype/readme.md"])
            _data.Write(file, "participant_id,age\nsub-01,5\n");
        var dataset = BidsDataset.Read(_data.Path, []);
        Assert.Equal(
            [.. ((string[])["SEX.TSV", "age.csv"]).Select(file => $"phenotype/{file}: is not read: BIDS has tables there with tabulators between the values, and with the ending .tsv")],
            BidsView.Of(dataset, BidsProposal.Of(dataset), "bids.yaml", [])!.Lost);
    }

    [Fact]
    public void Rows_and_volumes_that_do_not_meet_are_counted_for_every_table()
    {
        Assert.Empty(Read(null).Lost);
        _data.Write("phenotype/bdi.tsv", File.ReadAllText(_data["phenotype/bdi.tsv"]).Replace("sub-0", "sub-", StringComparison.Ordinal));
        _data.Write("phenotype/updrs.tsv", File.ReadAllText(_data["phenotype/updrs.tsv"]).Replace("sub-02\tses-pre\t31\t0\n", "sub-77\tses-pre\t31\t0\n", StringComparison.Ordinal));
        Assert.Equal(
            [
                "phenotype/bdi.tsv: 9 of 10 rows have no volume that the pattern names", "phenotype/bdi.tsv: 9 of 10 subjects or sessions with volumes have no row, and its columns are empty for them",
                "phenotype/bdi.tsv: 9 of these have no row there only because of leading zeros in the names of subjects or sessions",
                "phenotype/updrs.tsv: 1 of 20 rows have no volume that the pattern names", "phenotype/updrs.tsv: 1 of 20 subjects or sessions with volumes have no row, and its columns are empty for them",
            ],
            Read(null).Lost);

        // Without a session in the paths nothing of a session is met.
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/other/{subject}_desc-x_map.nii.gz", 5);
        Assert.Equal(
            ["phenotype/updrs.tsv: its rows are of sessions, and the paths of the volumes name none: its columns are empty"],
            Read("maps: derivatives/other/*\noutcomes:\n  total: phenotype/updrs.tsv#total\n").Lost);
        Assert.True(BidsMaps.Find(_data.Path, most: 29).IsCut);
        Assert.False(BidsMaps.Find(_data.Path, most: 30).IsCut);

        BidsView Read(string? mapping)
        {
            var faults = new FaultList<Fault>();
            var dataset = BidsDataset.Read(_data.Path, faults);
            var view = BidsView.Of(dataset, mapping is null ? BidsProposal.Of(dataset) : BidsMapping.Read(mapping, "m.yaml", faults)!, "m.yaml", faults);
            Assert.Empty(faults);
            return view!;
        }
    }

    [Fact]
    public void Tables_that_are_not_as_bids_has_them_are_told()
    {
        _data.Write("participants.tsv", "participant_id\tage\nsub-01\t50\n02\t51\nsub-01\t52\nsub-99\t60\n");
        _data.Write("participants.json", "[1]");
        var faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(_data.Path, faults);
        Assert.Equal(
            ["participants.json: is no JSON object of columns", "participants.tsv:3:1: participant_id does not begin with 'sub-', as BIDS has it", "participants.tsv:4: the same subject and session as line 2: values in which they differ are left empty"],
            faults.Select(fault => fault.ToString()));
        var view = BidsView.Of(dataset, BidsProposal.Of(dataset), "bids.yaml", faults)!;
        Assert.Equal(["1 of 2 participants have no volume that the pattern names", "9 of 10 subjects with volumes are not in participants.tsv"], view.Lost);
    }

    [Fact]
    public void A_table_whose_rows_name_nobody_as_bids_does_is_one_fault_and_not_called_empty()
    {
        _data.Write("participants.tsv", $"participant_id\tage\n{string.Concat(Enumerable.Range(10, 30).Select(i => $"{i}\t50\n"))}");
        var faults = new FaultList<Fault>();
        var proposal = BidsProposal.Of(BidsDataset.Read(_data.Path, faults));
        Assert.Equal("participants.tsv:2:1: participant_id does not begin with 'sub-', as BIDS has it (30 like this: lines 2, 3, 4, 5, 6 and 25 more)", Assert.Single(faults).ToString());
        Assert.Contains("left out: participants.tsv#age (no row of its table can be used)", proposal.Notes);
    }

    [Fact]
    public void Numbers_among_other_texts_are_no_category_and_an_outcome_is_no_filter()
    {
        var (_, faults) = ImportMixed("phenotype/u.tsv", i => i % 5 < 3 ? "NA" : $"{i}");
        Assert.Equal("phenotype/u.tsv:2:2: mixed is no number in 12 of 20 rows: if it means that the value is missing, write 'missing: [n/a, NA]' into site.yaml", Assert.Single(faults).ToString());
        var view = DataView.Open(_data.Beside("view"));
        Assert.Contains("mixed", view.Outcomes.Keys);
        Assert.DoesNotContain("mixed", view.Attributes.Keys);
        Assert.Contains("(12 like this: lines ", Assert.Single(view.Faults).Message, StringComparison.Ordinal);

        // What the view's site.yaml says is missing is so when the data set is read again.
        File.AppendAllText(Path.Combine(_data.Beside("view"), "site.yaml"), "missing: [NA]\n");
        Assert.Empty(ImportMixed("phenotype/u.tsv", i => i % 5 < 3 ? "NA" : $"{i}").Faults);
    }

    [Theory]
    [InlineData("participants.tsv", "89+", "is no number in 6 of 10 rows: it is a bound and no value")]
    [InlineData("participants.tsv", "45,5", "is no number in 6 of 10 rows: it has a decimal comma")]
    [InlineData("participants.tsv", " 45", "is no number in 6 of 10 rows: there are spaces")]
    [InlineData("phenotype/u.tsv", "45 y", "is no number in 12 of 20 rows: a unit follows it")]
    public void Numbers_that_are_written_otherwise_are_no_category(string table, string cell, string expected)
    {
        var (files, faults) = ImportMixed(table, i => i % 5 < 3 ? cell : $"{i}");
        Assert.Contains(expected, Assert.Single(faults).ToString(), StringComparison.Ordinal);
        Assert.DoesNotMatch("\"mixed\": \\{levels", files[SiteDeclaration.File]);
        Assert.Contains("\"mixed\": ", files[SiteDeclaration.File], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("participants.tsv", "at home", "4 of its 10 values look like numbers, and the others do not")]
    [InlineData("phenotype/u.tsv", "at home", "8 of its 20 values look like numbers, and the others do not")]
    public void A_column_of_which_nobody_can_say_what_it_is_is_left_out_with_a_fault(string table, string cell, string note)
    {
        var (files, faults) = ImportMixed(table, i => i % 5 < 3 ? cell : $"{i}");
        Assert.Contains("mixed is a number in ", Assert.Single(faults).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("mixed", files[SiteDeclaration.File], StringComparison.Ordinal);
        Assert.Contains($"# left out: {table}#mixed ({note}", files[BidsMapping.File], StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_badly_written_numbers_alone_is_left_out_with_a_fault()
    {
        var (files, faults) = ImportMixed("phenotype/u.tsv", i => $" {40 + i}");
        Assert.Equal("phenotype/u.tsv:2:2: mixed is no number in 20 of 20 rows: there are spaces or quotation marks around it: remove them", Assert.Single(faults).ToString());
        Assert.DoesNotContain("mixed", files[SiteDeclaration.File], StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_of_several_ages_is_named_with_its_cohort()
    {
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/other/{subject}_space-MNIPediatricAsym_cohort-1_res-2_desc-x_map.nii.gz", 5);
        var faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(_data.Path, faults);
        var view = BidsView.Of(dataset, BidsMapping.Read("maps: derivatives/other/{subject}_space-MNIPediatricAsym_cohort-1_res-2_desc-x_map.nii.gz\n", "m.yaml", faults)!, "m.yaml", faults)!;
        Assert.Contains("template: \"MNIPediatricAsym:cohort-1\"\n", view.Files[SiteDeclaration.File], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_volumes_the_fault_says_that_there_are_none()
    {
        Directory.Delete(_data["derivatives"], recursive: true);
        var faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(_data.Path, faults);
        Assert.Null(BidsView.Of(dataset, BidsProposal.Of(dataset), "bids.yaml", faults));
        Assert.StartsWith("bids.yaml: maps: there are no volumes of subjects below ", Assert.Single(faults).ToString(), StringComparison.Ordinal);
    }

    /// <summary>The view that is proposed, with a column 'mixed' in a table: of each participant, or of each session.</summary>
    private (IReadOnlyDictionary<string, string> Files, IReadOnlyList<Fault> Faults) ImportMixed(string table, Func<int, string> cell)
    {
        var place = 0;
        _data.Write(table, table == "participants.tsv"
            ? "participant_id\tmixed\n" + string.Concat(BidsFolder.Subjects.Select(subject => $"{subject}\t{cell(place++)}\n"))
            : "participant_id\tmixed\tsession_id\n" + string.Concat(BidsFolder.Subjects.SelectMany(subject => new[] { $"{subject}\t{cell(place++)}\tses-pre\n", $"{subject}\t{cell(place++)}\tses-post\n" })));
        var faults = new FaultList<Fault>();
        var target = _data.Beside("view");
        var dataset = BidsDataset.Read(_data.Path, faults, target);
        var mapping = BidsProposal.Of(dataset);
        var files = BidsView.Of(dataset, mapping, BidsMapping.File, faults)!.Files;
        Assert.Empty(faults);
        Directory.CreateDirectory(target);
        foreach (var (name, text) in files.Where(file => file.Key != SiteDeclaration.File || !File.Exists(Path.Combine(target, file.Key))))
            File.WriteAllText(Path.Combine(target, name), text);
        return (files, mapping.Faults);
    }

    public void Dispose() => _data.Dispose();
}
