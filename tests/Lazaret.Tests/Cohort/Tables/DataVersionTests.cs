using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Two machines must give one view one name, and another view another.</summary>
public sealed class DataVersionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void It_is_the_same_wherever_the_view_lies_and_however_its_volumes_are_linked()
    {
        var here = _folder.Copy(TinySite.Folder, "here");
        var there = _folder.Copy(TinySite.Folder, "elsewhere/and/deeper");
        foreach (var volume in Directory.EnumerateFiles(Path.Combine(there, "conn")).ToList())
        {
            var moved = $"{volume}.moved";
            File.Move(volume, moved);
            File.CreateSymbolicLink(volume, moved);
        }

        Assert.Equal(VersionOf(here), VersionOf(there));
    }

    [Theory]
    [InlineData("subjects.csv")]
    [InlineData("outcomes.csv")]
    [InlineData("masks/STN.nii.gz")]
    [InlineData("site.yaml")]
    public void It_changes_with_the_text_of_a_table_and_the_bytes_of_a_mask(string file)
    {
        var view = _folder.Copy(TinySite.Folder, "view");
        var before = VersionOf(view);
        File.AppendAllText(Path.Combine(view, file), "\n");
        Assert.NotEqual(before, VersionOf(view));
    }

    [Fact]
    public void It_changes_with_the_size_of_what_a_link_leads_to()
    {
        var view = _folder.Copy(TinySite.Folder, "view");
        var volume = DataView.Open(view).Rows[0].VolumePath;
        File.Move(volume, _folder["volume"]);
        File.CreateSymbolicLink(volume, _folder["volume"]);
        var before = VersionOf(view);
        File.AppendAllText(_folder["volume"], "more");
        Assert.NotEqual(before, VersionOf(view));
    }

    [Fact]
    public void It_changes_with_the_template()
    {
        var view = _folder.Copy(TinySite.Folder, "view");
        File.Copy(DataView.Open(view).Rows[0].VolumePath, Path.Combine(view, "template.nii"));
        File.WriteAllText(Path.Combine(view, "site.yaml"), "template_file: template.nii\n");
        var before = VersionOf(view);
        File.Copy(Repository.File("tests", "Lazaret.Tests", "Cohort", "Nifti", "data", "resample", "9_no_overlap.spec.nii"), Path.Combine(view, "template.nii"), overwrite: true);
        Assert.NotEqual(before, VersionOf(view));
    }

    public void Dispose() => _folder.Dispose();

    private static string VersionOf(string folder) => DataView.Open(folder).Version();
}
