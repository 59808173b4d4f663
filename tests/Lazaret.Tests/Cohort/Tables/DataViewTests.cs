using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

public sealed class DataViewTests
{
    private const string Subjects = "subject_id,visit,dx,age\na,1,PD,50\nb,1,OCD,61\n";
    private const string Outcomes = "subject_id,visit,y\na,1,1.5\nb,1,\n";
    private const string Paths = "subject_id,visit,conn_path\na,1,conn/a.nii\nb,1,conn/b.nii\n";

    [Fact]
    public void The_tiny_site_joins_as_text_and_names_the_volume_that_is_missing()
    {
        var view = TinySite.Open();
        Assert.Equal("paths.csv:8:3: conn_path names a file that does not exist: put the file there or correct the path", Assert.Single(view.Faults).ToString());
        Assert.Equal(26, view.Rows.Count);
        Assert.Equal(["GPi", "M1", "STN", "brain", "empty"], view.Masks);
        Assert.Equal((23, 28, 23), (view.Grid!.X, view.Grid.Y, view.Grid.Z));
        Assert.Equal(
            ["subjects.csv:24: no line in outcomes.csv has this subject_id and visit", "subjects.csv:24: no line in paths.csv has this subject_id and visit",
                "outcomes.csv:13: no line in subjects.csv has this subject_id and visit", "paths.csv:8: no line in subjects.csv has this subject_id and visit"],
            view.Notes.Select(note => note.ToString()));
    }

    public static TheoryData<string, string, string[]> FaultyTables => new()
    {
        { "subjects.csv", "", ["subjects.csv: the table is empty: its first line names the columns"] },
        { "subjects.csv", "subject_id,dx\na,PD\n", ["subjects.csv:1: column visit is missing"] },
        { "subjects.csv", "subject_id,visit,dx,dx,\na,1,PD,PD,\n", ["subjects.csv:1:4: a second column dx", "subjects.csv:1:5: a column without a name"] },
        { "subjects.csv", "subject_id,visit,dx\na,1\nb,1,OCD,x\n", ["subjects.csv:2: 2 fields, expected 3", "subjects.csv:3: 4 fields, expected 3: put a field that holds a comma in quotes"] },
        { "subjects.csv", "subject_id,visit,dx\r\na,1,\"P\r\nD\"\r\n\r\na,1,OCD\r\n", ["subjects.csv:5: the same subject_id and visit as line 2: neither is used"] },
        { "subjects.csv", "subject_id,visit,dx\na,,PD\n,1,PD\n", ["subjects.csv:2:2: visit is empty", "subjects.csv:3:1: subject_id is empty"] },
        { "subjects.csv", "subject_id,visit,dx\na,1,\"PD\nb,1,OCD\n", ["subjects.csv:2: a quote that is not closed, not doubled, or not around the whole field"] },
        { "subjects.csv", "subject_id,visit,dx\na,1,P\"D\nb,1,\"O\"CD\n", ["subjects.csv:2: a quote that is not closed, not doubled, or not around the whole field", "subjects.csv:3: a quote that is not closed, not doubled, or not around the whole field"] },
        { "outcomes.csv", "subject_id,visit,y,z\na,1,NA,1\nb,1,\"1,5\",nan\n", ["outcomes.csv:2:3: y is no number; leave the field empty when it is missing, or write such texts into 'missing' of site.yaml", "outcomes.csv:3:3: y is no number: it has a decimal comma: write a point, or 'decimal: \",\"' into site.yaml where all numbers of the tables have one", "outcomes.csv:3:4: z is no number; leave the field empty when it is missing, or write such texts into 'missing' of site.yaml"] },
        { "outcomes.csv", "subject_id,visit,y\na,1,1e999\nb,1, 2\n", ["outcomes.csv:2:3: y is no number; leave the field empty when it is missing", "outcomes.csv:3:3: y is no number: there are spaces or quotation marks around it: remove them"] },
        { "paths.csv", "subject_id,visit,conn_path,note\na,1,../a.nii,x\nb,1,,x\n", ["paths.csv:1:4: unknown column note", "paths.csv:2:3: conn_path leaves the data view", "paths.csv:3:3: conn_path is empty"] },
        { "paths.csv", "subject_id,visit,conn_path\na,1,conn/none.nii\n", ["paths.csv:2:3: conn_path names a file that does not exist: put the file there or correct the path"] },
        { "site.yaml", "template: MNI\nvariable: {}\n", ["site.yaml:2:1: unknown key, expected template, template_file, show_template, resolution_mm, volumes, variables, outcomes, families, masks, parcellations, missing, separator or decimal"] },
        { "site.yaml", "variables:\n  sex: {levels: [F, M]}\n  dx: {levels: [PD, PD]}\n  age: {bins: [50, 40]}\n", ["site.yaml:2:3: no such column in subjects.csv", "site.yaml:3:16: expected a list of different values", "site.yaml:4:15: expected at least two edges, each greater than the one before"] },
        { "site.yaml", "variables:\n  dx: {levels: [PD]}\n  age: [1]\noutcomes:\n  y: {levels: [0, 1]}\n  q: {}\n", ["site.yaml:3:8: expected {levels: […]} or {bins: […]}", "site.yaml:6:3: no such column in outcomes.csv", "subjects.csv:3:3: dx is none of the declared levels", "outcomes.csv:2:3: y is none of the declared levels"] },
        { "site.yaml", "variables:\n  dx: {bins: [0, 1]}\n", ["subjects.csv:2:3: dx is no number; leave the field empty when it is missing", "subjects.csv:3:3: dx is no number; leave the field empty when it is missing"] },
        { "subjects.csv", "subject_id,visit,\"dx\na,1,PD\n", ["subjects.csv:1: a quote that is not closed, not doubled, or not around the whole field"] },
        { "subjects.csv", $"subject_id,visit,dx\na,1,{new string('x', 65_537)}\nb,1,{new string('x', 65_536)}\n", ["subjects.csv:2: a field of more than 65536 characters"] },
        { "subjects.csv", $"subject_id,visit,dx\na,1,PD\n{new string(',', 4096)}\nb,1,OCD{new string(',', 1_000_000)}\n", ["subjects.csv:3: more than 4096 fields", "subjects.csv:4: more than 4096 fields"] },
        { "subjects.csv", $"{new string(',', 5000)}\na,1,PD\n", ["subjects.csv:1: more than 4096 fields"] },
        { "subjects.csv", $"subject_id,visit,dx\na,1,\"{string.Concat(Enumerable.Repeat("\"\"\n", 50_000))}", ["subjects.csv:2: a quote that is not closed, not doubled, or not around the whole field"] },
        { "subjects.csv", "subject_id,visit\n" + string.Concat(Enumerable.Range(0, (1 << 20) + 1).Select(i => $"{i},1\n")), ["subjects.csv:1048578: the table is larger than 1048576 lines, or 16777216 fields in all"] },
        { "subjects.csv", "\ufeffsubject_id,visit,dx\na,1,PD\n", [] },
        { "subjects.csv", "subject_id,visit,\"d\u001b[2Jx\n\u202e\",\"d\u001b[2Jx\n\u202e\"\na,1,PD,PD\n", ["subjects.csv:1:4: a second column d\\u{001B}[2Jx\\u{000A}\\u{202E}"] },
        { "site.yaml", "\ufefftemplate: MNI\n", [] },
        { "site.yaml", "template: &a [x]\n? *a\n: 1\n", ["site.yaml:1:11: an anchor or alias: write out what it stands for"] },
        { "site.yaml", "variables:\n  dx: {levels: [PD, OCD]}\n  dx: {levels: [PD]}\n", ["site.yaml:3:3: the same key a second time"] },
        { "site.yaml", new string('[', 195 << 10), ["site.yaml:1:33: nested more than 32 deep"] },
        { "site.yaml", "template: [\n", ["site.yaml:2:1: not YAML: While parsing a node, did not find expected node content."] },
        { "site.yaml", "- template\n", ["site.yaml:1:1: expected one mapping: template, variables, outcomes"] },
        { "site.yaml", "resolution_mm: two\n", ["site.yaml:1:16: expected a positive number of millimetres"] },
        { "site.yaml", "show_template: true\n", ["site.yaml: show_template needs a template_file"] },
        { "site.yaml", "show_template: 1\ntemplate_file: conn/none.nii\n", ["site.yaml:1:16: expected true or false", "site.yaml: template_file cannot be read"] },
        { "site.yaml", "template_file: conn/none.nii\n", ["site.yaml: template_file cannot be read"] },
        { "site.yaml", "template_file: conn/a.nii\n", ["site.yaml: template_file is no sound volume: file: empty, or no regular file"] },
        { "masks/STN.nii", "", ["masks/STN.nii: no mask: its name does not end in .nii.gz"] },
    };

    [Fact]
    public void Of_very_many_faults_a_thousand_are_listed_and_the_others_counted()
    {
        using var site = Site();
        site.Write("subjects.csv", $"subject_id,visit{string.Concat(Enumerable.Repeat($",{new string('x', 1000)}", 2500))}\n");
        // It says nothing of the outcomes: with a fault in it, that closes them, however many faults came before.
        site.Write("site.yaml", "variables: {}\ncolour: red\n");
        var view = DataView.Open(site.Path);
        Assert.Equal((1000, 2500), (view.Faults.Count, view.Faults.Total));
        Assert.All(view.Faults, fault => Assert.InRange(fault.ToString().Length, 1, 200));
        Assert.Empty(view.Declaration.Outcomes!);
    }

    [Fact]
    public void Rows_that_are_wrong_alike_are_one_fault_however_many_they_are()
    {
        using var site = Site();
        site.Write("subjects.csv", $"subject_id,visit,dx\n{string.Concat(Enumerable.Repeat("x\n", 300_000))}{string.Concat(Enumerable.Range(4, 1500).Select(fields => $"{new string(',', fields - 1)}\n"))}");
        var faults = DataView.Open(site.Path).Faults;
        Assert.Equal("subjects.csv:2: 1 fields, expected 3 (300000 like this: lines 2, 3, 4, 5, 6 and 299995 more)", faults[0].ToString());
        Assert.Equal((1000, true), (faults.Count, faults.Total > 1500));
    }

    [Theory]
    [InlineData("paths.csv", "subject_id,visit,conn_path\n", "s{0},1,conn/none{0}.nii\n", "paths.csv:2:3: conn_path names a file that does not exist: put the file there or correct the path (1200 like this: lines ")]
    [InlineData("paths.csv", "subject_id,visit,conn_path\n", "s{0},1,\n", "paths.csv:2:3: conn_path is empty (1200 like this: lines ")]
    [InlineData("subjects.csv", "subject_id,visit,dx\n", "s{0},,PD\n", "subjects.csv:2:2: visit is empty (1200 like this: lines ")]
    [InlineData("outcomes.csv", "subject_id,visit,y\na,1,1\n", "a,1,2\n", "outcomes.csv:3: 1200 rows have the subject_id and visit of an earlier one, and neither is used: lines 3 (as 2), 4 (as 2), ")]
    public void A_column_of_faults_is_one(string file, string header, string row, string first)
    {
        using var site = Site();
        site.Write(file, header + string.Concat(Enumerable.Range(0, 1200).Select(i => string.Format(CultureInfo.InvariantCulture, row, i))));
        var fault = Assert.Single(DataView.Open(site.Path).Faults).ToString();
        Assert.StartsWith(first, fault, StringComparison.Ordinal);
        Assert.EndsWith(" and 1195 more", fault.TrimEnd(')'), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(FaultyTables))]
    public void Every_fault_is_listed_with_its_place(string file, string content, string[] expected)
    {
        using var site = Site();
        site.Write(file, content);
        Assert.Equal(expected, DataView.Open(site.Path).Faults.Select(fault => fault.ToString()));
    }

    [Theory]
    [InlineData("variables: [\n")]
    [InlineData("variable: {dx: {levels: [PD]}}\n")]
    public void A_slip_in_site_yaml_opens_no_column(string content)
    {
        using var site = Site();
        site.Write("site.yaml", content);
        var catalog = Catalog.Of(DataView.Open(site.Path), minimumCohort: 0);
        Assert.Empty(catalog.Variables);
        Assert.Empty(catalog.Outcomes);
    }

    [Fact]
    public void Missing_tables_and_bytes_that_are_no_text_are_faults()
    {
        using var site = new TemporaryFolder();
        File.WriteAllBytes(site["subjects.csv"], [.. "subject_id,visit\na,1\n"u8, 0xFF, 0xFE]);
        Assert.Equal(
            ["subjects.csv:3: not UTF-8: save it as UTF-8", "outcomes.csv: the file is missing", "paths.csv: the file is missing"],
            DataView.Open(site.Path).Faults.Select(fault => fault.ToString()));
    }

    public static TheoryData<string, string> OtherFiles
    {
        get
        {
            var files = new TheoryData<string, string>();
            foreach (var file in (string[])["subjects.csv", "outcomes.csv", "paths.csv", "site.yaml"])
            {
                foreach (var kind in (string[])["pipe", "/dev/zero", "folder", "sparse", "UTF-16"])
                    files.Add(file, kind);
            }

            return files;
        }
    }

    [Theory]
    [MemberData(nameof(OtherFiles))]
    public void A_file_of_another_kind_is_a_fault_and_opens_nothing(string file, string kind)
    {
        using var site = Site();
        File.Delete(site[file]);
        var expected = Replace(site, file, kind);
        var view = DataView.Open(site.Path);
        var faults = view.Faults.Where(fault => fault.File == file).Select(fault => fault.ToString()).ToList();
        Assert.Equal($"{file}: {expected}", faults[0]);
        Assert.StartsWith("sha256:", view.Version(), StringComparison.Ordinal);
        // A device is also where no file of the view may lead.
        Assert.Equal(kind.StartsWith('/') ? [$"{file}: points to a folder that programs must not see"] : [], faults.Skip(1));
        if (file == "site.yaml")
            Assert.Empty(Catalog.Of(view, minimumCohort: 0).Variables);
        else
            Assert.Empty(view.Rows);
    }

    private static string Replace(TemporaryFolder site, string file, string kind)
    {
        switch (kind)
        {
            case "pipe":
                site.MakePipe(file);
                return "is no regular file";
            case "folder":
                Directory.CreateDirectory(site[file]);
                return "is a folder";
            case "sparse":
                using (var sparse = File.Create(site[file]))
                    sparse.SetLength(1L << 40);
                return $"is larger than {(file == "site.yaml" ? 1 : 64)} MiB";
            case "UTF-16":
                File.WriteAllText(site[file], file == "site.yaml" ? "template: x" : Subjects, System.Text.Encoding.Unicode);
                return "is UTF-16: save it as UTF-8";
            default:
                File.CreateSymbolicLink(site[file], kind);
                return "is no regular file";
        }
    }

    [Fact]
    public void A_site_yaml_that_is_a_link_to_nothing_opens_no_column()
    {
        using var site = Site();
        File.CreateSymbolicLink(site["site.yaml"], "none.yaml");
        var view = DataView.Open(site.Path);
        Assert.Equal("site.yaml: is a link that leads nowhere", Assert.Single(view.Faults).ToString());
        Assert.Empty(Catalog.Of(view, minimumCohort: 0).Variables);
    }

    [Fact]
    public void A_fault_shows_no_subject_and_no_value()
    {
        using var site = Site();
        site.Write("subjects.csv", "subject_id,visit,dx\nsecret-7,1,PD\nsecret-7,1,PD\nsecret-8,,PD\n");
        site.Write("outcomes.csv", "subject_id,visit,y\nsecret-7,1,confidential\n");
        site.Write("paths.csv", "subject_id,visit,conn_path\nsecret-7,1,conn/secret-7.nii\n");
        var view = DataView.Open(site.Path);
        Assert.Equal(4, view.Faults.Count);
        Assert.All(view.Faults.Concat(view.Notes), fault =>
        {
            Assert.DoesNotContain("secret", fault.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("confidential", fault.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Keys_that_look_alike_stay_apart()
    {
        using var site = Site();
        site.Write("subjects.csv", "subject_id,visit\n007,1\n7,1\n7.0,1\n");
        site.Write("outcomes.csv", "subject_id,visit,y\n7,1,2\n007,1,1\n7.0,1.0,3\n");
        site.Write("paths.csv", "subject_id,visit,conn_path\n7,1,conn/a.nii\n007,1,conn/b.nii\n7.0,1,conn/b.nii\n");
        var view = DataView.Open(site.Path);
        Assert.Equal(["007", "7"], view.Rows.Select(row => row.SubjectId));
        Assert.Equal([1.0, 2.0], view.Outcomes["y"]);
    }

    [Fact]
    public void A_path_is_found_wherever_the_view_is_mounted()
    {
        using var site = Site();
        using var elsewhere = new TemporaryFolder();
        foreach (var file in (string[])["deep/x.nii", "y.nii"])
        {
            elsewhere.Write(file, "");
            NiftiWriter.Write(elsewhere[file], new NiftiVolume(SmallSite.Grid, 1, new float[11 * 9 * 7]));
        }
        site.Write("subjects.csv", "subject_id,visit\na,1\nb,1\nc,1\nd,1\ne,1\n");
        site.Write("outcomes.csv", "subject_id,visit,y\na,1,1\nb,1,2\nc,1,3\nd,1,4\ne,1,5\n");
        site.Write("paths.csv", $"subject_id,visit,conn_path\na,1,/srv/host/view/conn/a.nii\nb,1,/data/conn/b.nii\nc,1,{elsewhere["deep/x.nii"]}\nd,1,{elsewhere["y.nii"]}\ne,1,{site["conn/a.nii"]}\n");
        var view = DataView.Open(site.Path, hostDirectory: "/srv/host/view/");
        Assert.Empty(view.Faults);
        Assert.Equal([site["conn/a.nii"], site["conn/b.nii"], elsewhere["deep/x.nii"], elsewhere["y.nii"], site["conn/a.nii"]], view.Rows.Select(row => row.VolumePath));
        Assert.Equal([elsewhere["deep/x.nii"], elsewhere["y.nii"]], view.Outside.Select(path => path.Target));
        Assert.All(view.Outside, path => Assert.Equal(path.Target, path.Source));
    }

    private static TemporaryFolder Site()
    {
        var site = new TemporaryFolder();
        site.Write("subjects.csv", Subjects);
        site.Write("outcomes.csv", Outcomes);
        site.Write("paths.csv", Paths);
        site.Write("conn/a.nii", "");
        site.Write("conn/b.nii", "");
        return site;
    }
}
