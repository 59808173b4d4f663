using System.IO.Compression;
using System.Text;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort;

/// <summary>What is met in place of a volume is named for what it is.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private readonly FieldSite _site = new();

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a pointer of Git LFS")]
    [InlineData("/annex/objects/MD5E-s12345--0123456789abcdef.nii.gz\n", "a pointer of git-annex")]
    [InlineData("../../.git/annex/objects/Xx/Yy/MD5E-s1--0.nii.gz/MD5E-s1--0.nii.gz", "a pointer of git-annex")]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE GIFTI>", "XML, as GIFTI surfaces are")]
    [InlineData("\u00ff\u00ff\u00fecreated by freesurfer on a day\n\n", "a surface of FreeSurfer")]
    [InlineData("\0\0\0\u0001\0\0\0\u0010\0\0\0\u0010\0\0\0\u0010\0\0\0\u0001\0\0\0\u0003\0\0\0\0", "a volume of FreeSurfer")]
    [InlineData("\u0089HDF\r\n", "HDF5, as MINC 2 is")]
    [InlineData("CDF\u0001", "NetCDF, as MINC 1 is")]
    [InlineData("NRRD0004\n", "NRRD")]
    [InlineData("#!ascii label  , from subject fsaverage", "labels of a surface's vertices")]
    [InlineData("\0\u0002\u0080\u0002\0\0\0\0\0\u0014\u0019\u0019\0\0\0\u0001\0\u0014\u0019\u0019\0\0\0\u0002\0\u0014\u0019\u0019\0\0\0\u0003\0\u0014\u0019\u0019", "labels of a surface's vertices")]
    [InlineData("\ntype  = string-attribute\nname  = HISTORY_NOTE\n", "a header of AFNI")]
    [InlineData("mrtrix image\ndim: 2,2,2\n", "an image of MRtrix")]
    [InlineData("mrtrix tracks\n", "streamlines")]
    [InlineData("TRACK\0\u0002", "streamlines")]
    [InlineData("MATLAB 5.0 MAT-file", "a file of MATLAB")]
    [InlineData("\u0093NUMPY\u0001", "an array of NumPy")]
    [InlineData("%PDF-1.7", "a picture or document")]
    [InlineData("BZh91AY&SY", "compressed by bzip2")]
    [InlineData("\u00fd7zXZ\0", "compressed by xz")]
    [InlineData("(\u00b5/\u00fd", "compressed by zstd")]
    [InlineData("<html><body>Sign in</body></html>", "a page of the web")]
    public void What_stands_in_place_of_a_volume_is_named_for_what_it_is(string start, string name)
    {
        File.WriteAllBytes(_site["conn/sub-03.nii.gz"], Encoding.Latin1.GetBytes(start));
        Assert.StartsWith($"paths.csv:4: no sound volume: file: {name}", Assert.Single(_site.Check().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_that_was_compressed_twice_is_named()
    {
        using (var twice = new GZipStream(File.Create(_site["conn/sub-04.nii.gz"]), CompressionLevel.Fastest))
            twice.Write(File.ReadAllBytes(_site["conn/sub-03.nii.gz"]));
        Assert.Equal("paths.csv:5: no sound volume: file: compressed by gzip twice: unpack it once with gunzip", Assert.Single(_site.Check().Faults).ToString());
    }

    [Theory]
    [InlineData(1007)]
    [InlineData(1005)]
    [InlineData(2006)]
    public void A_warp_or_a_tensor_is_no_series_of_maps(short intent)
    {
        var volume = NiftiVolume.Read(_site["conn/sub-03.nii.gz"]);
        using var series = new MemoryStream();
        NiftiWriter.Write(series, volume with { Maps = 3, Values = [.. volume.Values, .. volume.Values, .. volume.Values] }, compress: false);
        BitConverter.TryWriteBytes(series.GetBuffer().AsSpan(68), intent);
        series.Position = 0;
        Assert.StartsWith($"intent_code: {intent}: a field of vectors or matrices", Assert.Throws<NiftiException>(() => NiftiReader.Open(series)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DICOM_and_ANALYZE_are_named()
    {
        File.WriteAllBytes(_site["conn/sub-03.nii.gz"], [.. new byte[128], .. "DICM"u8, .. new byte[400]]);
        Assert.StartsWith("paths.csv:4: no sound volume: file: DICOM", Assert.Single(_site.Check().Faults).ToString(), StringComparison.Ordinal);
        var analyze = new byte[348];
        BitConverter.TryWriteBytes(analyze, 348);
        File.WriteAllBytes(_site["conn/sub-03.nii.gz"], analyze);
        Assert.StartsWith("paths.csv:4: no sound volume: magic: empty, as in ANALYZE 7.5", Assert.Single(_site.Check().Faults).ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();
}
