using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Codes of surveys and registers, and what other programs make of them: each would be read as something else without a word.</summary>
public sealed class SurveyTableTests : IDisposable
{
    private readonly FieldSite _site = new();

    public void Dispose() => _site.Dispose();

    [Theory]
    [InlineData("-4", true)]
    [InlineData("-66", true)]
    [InlineData("66", true)]
    [InlineData("99.9", true)]
    [InlineData("-4.25", false)]
    public void A_code_that_is_no_measurement_is_a_finding(string code, bool isFinding)
    {
        _site.Set("outcomes.csv", 2, row => row % 20 == 3 ? code : $"{10 + (row % 20)}");
        Assert.Equal(isFinding, _site.Check().Findings.Any(finding => finding.Message.StartsWith("score is ", StringComparison.Ordinal) && finding.Message.Contains("if it means that the value is missing", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_code_that_is_a_value_in_another_column_is_a_finding_there()
    {
        _site.Write("site.yaml", "missing: [n/a, 9]\n");
        _site.Set("subjects.csv", 2, row => row % 10 == 0 ? "9" : $"{row % 2}");
        _site.Set("outcomes.csv", 2, row => $"{5 + (row % 9)}");
        var said = Assert.Single(_site.Check().Findings, finding => finding.Message.Contains("empties", StringComparison.Ordinal)).ToString();
        Assert.StartsWith("outcomes.csv:1:3: 'missing' of site.yaml empties 9 in 7 rows of score, which is from 5 to 13 in all others", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_leading_zero_makes_a_code_of_a_number_only_with_a_word()
    {
        _site.Set("subjects.csv", 2, row => $"{1 + (row % 12):000}");
        Assert.Contains(_site.Check().Findings, finding => finding.ToString() == "subjects.csv:2:3: age has a leading zero in 60 of 60 rows, this the first, and counts as a number: if it is a code, declare its levels in site.yaml");
        _site.Set("subjects.csv", 2, row => $"0.{1 + (row % 9)}");
        Assert.DoesNotContain(_site.Check().Findings, finding => finding.Message.Contains("leading zero", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("TRUE", "FALSE", "score is one of two texts in all rows, 'TRUE' and 'FALSE': an outcome is a number, so write 0 and 1")]
    [InlineData("Dr. A", null, "score is a text in all rows: an outcome is a number, so move the column to subjects.csv, or name the table's outcomes in site.yaml")]
    public void An_outcome_of_texts_is_one_fault_and_not_to_be_emptied(string one, string? other, string said)
    {
        _site.Set("outcomes.csv", 2, row => row % 2 == 0 ? one : other ?? new string('x', 1 + (row % 5)));
        var view = _site.Open();
        Assert.Equal($"outcomes.csv:2:3: {said}", Assert.Single(view.Faults).ToString());
        Assert.All(view.Outcomes["score"], value => Assert.True(double.IsNaN(value)));
    }

    [Fact]
    public void A_declared_level_in_another_way_of_writing_is_named()
    {
        _site.Write("site.yaml", "variables:\n  sex: {levels: [m, f]}\n");
        Assert.StartsWith("subjects.csv:2:4: sex is none of the declared levels, and differs from 'f' by how it is written alone", _site.Open().Faults[0].ToString(), StringComparison.Ordinal);
        _site.Write("site.yaml", "variables:\n  age: {levels: [1, 2]}\n");
        _site.Set("subjects.csv", 2, row => row == 0 ? "1.0" : "2");
        Assert.EndsWith("differs from '1' by how it is written alone", Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_code_with_an_e_between_digits_is_no_number()
    {
        _site.Set("subjects.csv", 3, row => row % 3 == 0 ? "6E40" : "8A00");
        var view = _site.Open();
        Assert.Empty(view.Faults);
        Assert.Equal("6E40", view.Attributes["sex"][0]);
        Assert.Equal(["6E40", "8A00"], Assert.IsType<Variable.Category>(_site.Check().Variables.Single(variable => variable.Name == "sex")).Levels);
    }

    [Theory]
    [InlineData(@"conn\sub-05.nii.gz", ": it has backslashes, as on Windows: write '/'")]
    [InlineData("conn/sub-05.nii.gz ", ": there are spaces around it")]
    [InlineData("file:///srv/conn/sub-05.nii.gz", ": it is an address: write a path of this machine")]
    [InlineData("conn/none.nii.gz", ": put the file there or correct the path")]
    public void Why_a_path_names_no_file_is_said(string path, string why)
    {
        _site.Set("paths.csv", 2, row => row == 4 ? path : null);
        Assert.Equal($"paths.csv:6:3: conn_path names a file that does not exist{why}", Assert.Single(_site.Open().Faults).ToString());
    }

    [Fact]
    public void A_mask_that_is_everything_or_has_signs_is_a_finding()
    {
        var grid = _site.Open().Grid!;
        Write("all", voxel => 1);
        Write("sides", voxel => voxel < 10 ? 1 : voxel < 30 ? -1 : 0);
        var findings = _site.Check().Findings.Select(finding => finding.ToString()).ToList();
        Assert.Contains("masks/all.nii.gz: every voxel of the site's grid is inside: it is as if no mask were asked for", findings);
        Assert.Contains("masks/sides.nii.gz: 20 voxels are below 0, and so not inside: if they are meant, write the mask without signs", findings);

        void Write(string name, Func<int, float> valueOf) => NiftiWriter.Write(_site[$"masks/{name}.nii.gz"], new NiftiVolume(grid, 1, [.. Enumerable.Range(0, (int)grid.Voxels).Select(valueOf)]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Voxels_without_a_value_that_are_written_in_two_ways_are_a_finding(bool isMixed)
    {
        for (var subject = 1; subject <= 60; subject++)
        {
            var volume = NiftiVolume.Read(_site[$"conn/sub-{subject:00}.nii.gz"]);
            var outside = isMixed && subject % 2 == 0 ? 0 : float.NaN;
            NiftiWriter.Write(_site[$"conn/sub-{subject:00}.nii.gz"], volume with { Values = [.. volume.Values.Select((value, voxel) => voxel % volume.Grid.X == 0 ? outside : value)] });
        }

        Assert.Equal(isMixed, _site.Check().Findings.Any(finding => finding.ToString().StartsWith("paths.csv:3: 30 of 60 volumes, this the first, mark missing voxels with 0, 30 with NaN", StringComparison.Ordinal)));
    }
}
