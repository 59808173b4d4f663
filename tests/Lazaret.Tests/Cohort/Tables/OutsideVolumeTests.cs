using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Which of the host's files a table can make visible to programs.</summary>
public sealed class OutsideVolumeTests : IDisposable
{
    private readonly TemporaryFolder _site = new();
    private readonly TemporaryFolder _elsewhere = new();

    public OutsideVolumeTests()
    {
        Directory.CreateDirectory(_elsewhere["deep"]);
        WriteVolume("deep/a.nii");
        WriteVolume("deep/b.nii");
    }

    [Theory]
    [InlineData("/etc/zz.nii.gz")]
    [InlineData("/zz.nii.gz")]
    [InlineData("/proc/1/root/zz.nii.gz")]
    public void A_volume_that_does_not_exist_shows_nothing(string path) => AssertHidden("points to a folder that programs must not see", "does not exist", path);

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/etc/../etc/passwd")]
    [InlineData("/proc/version")]
    [InlineData("/sys/kernel/notes")]
    [InlineData("/dev/null")]
    [InlineData("/usr/share/zz.nii.gz")]
    [InlineData("/lib/zz.nii.gz")]
    [InlineData("/var/log/zz.nii.gz")]
    [InlineData("/home/somebody/zz.nii.gz")]
    public void A_file_of_the_machines_own_folders_is_no_volume(string path) => AssertHidden("points to a folder that programs must not see", "does not exist", path);

    [Fact]
    public void A_link_to_what_no_visitor_may_see_is_no_volume()
    {
        File.CreateSymbolicLink(_elsewhere["link.nii"], "/etc/passwd");
        Directory.CreateSymbolicLink(_elsewhere["etc"], "/etc");
        File.CreateSymbolicLink(_site["link.nii"], "/etc/passwd");
        foreach (var path in (string[])[_elsewhere["link.nii"], _elsewhere["etc/passwd"], "link.nii"])
            AssertHidden("points to a folder that programs must not see", "", path);
    }

    [Fact]
    public void Nothing_of_a_home_is_shown()
    {
        var hidden = new HiddenFolders(new RealPath(), []);
        Assert.True(hidden.Contain("/home/somebody/a.nii"));
        Assert.False(hidden.Allow("/home/somebody/volumes"));
        Assert.False(hidden.Contain("/homes/a.nii"));
    }

    [Fact]
    public void A_file_of_the_nodes_state_is_no_volume()
    {
        _elsewhere.Write("state/keys.json", "");
        var view = Open([_elsewhere["state/keys.json"]], hidden: _elsewhere["state"]);
        Assert.Equal("paths.csv:2:3: conn_path points to a folder that programs must not see", Assert.Single(view.Faults).ToString());
        Assert.Empty(view.Outside);
    }

    [Fact]
    public void A_row_that_joins_to_nothing_shows_nothing()
    {
        var view = Open([_elsewhere["deep/a.nii"], _elsewhere["deep/b.nii"]], subjects: 1);
        Assert.Equal([_elsewhere["deep/a.nii"]], view.Outside.Select(path => path.Target));
    }

    [Fact]
    public void Both_files_of_a_pair_are_shown_and_links_by_where_they_lead()
    {
        WritePair("pair");
        File.CreateSymbolicLink(_site["linked.nii"], _elsewhere["deep/a.nii"]);
        File.CreateSymbolicLink(_elsewhere["named.nii"], _elsewhere["deep/b.nii"]);
        Assert.Equal(
            [
                new OutsidePath(_elsewhere["deep/a.nii"], _elsewhere["deep/a.nii"]), new OutsidePath(_elsewhere["deep/b.nii"], _elsewhere["named.nii"]),
                new OutsidePath(_elsewhere["pair.hdr"], _elsewhere["pair.hdr"]), new OutsidePath(_elsewhere["pair.img"], _elsewhere["pair.img"]),
            ],
            Open([_elsewhere["pair.img"], "linked.nii", _elsewhere["named.nii"]]).Outside);
    }

    [Fact]
    public void A_file_that_is_no_sound_volume_is_not_shown_and_its_row_takes_no_part()
    {
        _elsewhere.Write("secret.txt", "a password");
        File.CreateSymbolicLink(_site["link.nii"], _elsewhere["secret.txt"]);
        File.WriteAllBytes(_elsewhere["torn.nii"], File.ReadAllBytes(_elsewhere["deep/a.nii"])[..360]);
        foreach (var path in (string[])[_elsewhere["secret.txt"], "link.nii", _elsewhere["torn.nii"]])
            AssertHidden("is no sound volume", "", path);
    }

    [Fact]
    public void The_second_file_of_a_pair_is_not_shown_for_a_single_volume()
    {
        File.Copy(_elsewhere["deep/a.nii"], _elsewhere["secret.hdr"]);
        _elsewhere.Write("secret.img", "a password");
        AssertHidden("is no sound volume: a single file under the name of a pair", "", _elsewhere["secret.hdr"]);
    }

    [Fact]
    public void A_mask_or_a_table_that_leads_to_something_else_is_not_shown()
    {
        _elsewhere.Write("secret.txt", "a password");
        _site.Write("masks/sound.nii.gz", "");
        File.CreateSymbolicLink(_site["masks/link.nii.gz"], _elsewhere["secret.txt"]);
        File.CreateSymbolicLink(_site["site.yaml"], _elsewhere["secret.txt"]);
        var view = Open([]);
        Assert.Equal(["sound"], view.Masks);
        Assert.Contains(view.Faults, fault => fault.ToString().StartsWith("masks/link.nii.gz: is no sound volume", StringComparison.Ordinal));
        File.Delete(_site["subjects.csv"]);
        File.CreateSymbolicLink(_site["subjects.csv"], _elsewhere["secret.txt"]);
        Assert.Empty(DataView.Open(_site.Path).Outside);
    }

    [Fact]
    public void A_table_beyond_the_view_is_shown()
    {
        _elsewhere.Write("subjects.csv", "subject_id,visit\n");
        Open([]);
        File.Delete(_site["subjects.csv"]);
        File.CreateSymbolicLink(_site["subjects.csv"], _elsewhere["subjects.csv"]);
        Assert.Equal(_elsewhere["subjects.csv"], Assert.Single(DataView.Open(_site.Path).Outside).Source);
    }

    [Fact]
    public void A_folder_that_site_yaml_names_is_shown_once_and_whole()
    {
        _site.Write("site.yaml", $"volumes: [{_elsewhere["deep"]}, /srv]\n");
        var view = Open([_elsewhere["deep/a.nii"], _elsewhere["deep/b.nii"]]);
        Assert.Empty(view.Faults);
        Assert.Equal([new OutsidePath(_elsewhere["deep"], _elsewhere["deep"])], view.Outside);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/etc")]
    [InlineData("/etc/ssl")]
    [InlineData("/var")]
    [InlineData("/home")]
    [InlineData("/home/somebody/volumes")]
    [InlineData("/proc/self/root")]
    [InlineData("/usr/..")]
    [InlineData("/usr")]
    [InlineData("/usr/share")]
    [InlineData("/bin")]
    [InlineData("/lib")]
    [InlineData("/lib64")]
    [InlineData("/root")]
    [InlineData("/run")]
    [InlineData("/boot")]
    [InlineData("/opt")]
    [InlineData("/tmp")]
    [InlineData("/var/lib")]
    [InlineData("/var/log")]
    [InlineData("/var/tmp")]
    public void A_folder_that_no_visitor_may_see_is_not_taken_from_site_yaml(string folder) => AssertNotNamed(folder);

    [Fact]
    public void Neither_is_a_link_to_one_nor_one_that_contains_the_state()
    {
        Directory.CreateSymbolicLink(_elsewhere["etc"], "/etc");
        AssertNotNamed(_elsewhere["etc"]);
        AssertNotNamed(_elsewhere.Path);
    }

    [Theory]
    [InlineData("[srv]")]
    [InlineData("/srv")]
    [InlineData("{a: /srv}")]
    public void Folders_are_named_as_a_list_of_absolute_paths(string yaml)
    {
        _site.Write("site.yaml", $"volumes: {yaml}\n");
        Assert.Equal("site.yaml:1:10: expected a list of different absolute folders", Assert.Single(Open([]).Faults).ToString());
    }

    public void Dispose()
    {
        _site.Dispose();
        _elsewhere.Dispose();
    }

    private void WriteVolume(string name) => NiftiWriter.Write(_elsewhere[name], new NiftiVolume(SmallSite.Grid, 1, new float[11 * 9 * 7]));

    private void WritePair(string stem)
    {
        var whole = File.ReadAllBytes(_elsewhere["deep/a.nii"]);
        var header = whole[..348];
        "ni1\0"u8.CopyTo(header.AsSpan(344));
        BitConverter.TryWriteBytes(header.AsSpan(108), 0f);
        File.WriteAllBytes(_elsewhere[$"{stem}.hdr"], header);
        File.WriteAllBytes(_elsewhere[$"{stem}.img"], whole[352..]);
    }

    private void AssertNotNamed(string folder)
    {
        _site.Write("site.yaml", $"volumes: [{folder}]\n");
        var view = Open([_elsewhere["deep/a.nii"]], hidden: _elsewhere["state"]);
        Assert.Contains("site.yaml: volumes: ", Assert.Single(view.Faults).ToString(), StringComparison.Ordinal);
        Assert.Equal([_elsewhere["deep/a.nii"]], view.Outside.Select(path => path.Target));
    }

    private void AssertHidden(string why, string orWhy, string path)
    {
        var view = Open([path]);
        var fault = Assert.Single(view.Faults).ToString();
        Assert.StartsWith("paths.csv:2:3: conn_path ", fault, StringComparison.Ordinal);
        Assert.True(fault.Contains(why, StringComparison.Ordinal) || (orWhy.Length > 0 && fault.Contains(orWhy, StringComparison.Ordinal)), fault);
        Assert.Empty(view.Rows);
        Assert.Empty(view.Outside);
    }

    private DataView Open(string[] paths, int? subjects = null, params string[] hidden)
    {
        var lines = paths.Index().Select(path => (Key: $"s{path.Index},1", Path: path.Item)).ToList();
        _site.Write("subjects.csv", "subject_id,visit\n" + string.Concat(lines.Take(subjects ?? paths.Length).Select(line => $"{line.Key}\n")));
        _site.Write("outcomes.csv", "subject_id,visit,y\n" + string.Concat(lines.Select(line => $"{line.Key},1\n")));
        _site.Write("paths.csv", "subject_id,visit,conn_path\n" + string.Concat(lines.Select(line => $"{line.Key},{line.Path}\n")));
        return DataView.Open(_site.Path, hostDirectory: null, hidden);
    }
}
