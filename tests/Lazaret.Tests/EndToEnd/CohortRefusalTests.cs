using System.IO.Compression;
using Lazaret.Cohort.Nifti;
using Lazaret.Tests.Disclosure;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Cohort requests that are refused: each fault by its field, all at once.</summary>
public sealed class CohortRefusalTests(CohortJobTests.Site site) : IClassFixture<CohortJobTests.Site>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_wrong_with_a_request_is_said_in_one_answer()
    {
        using var form = TinySite.Form(
            await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop),
            ("task", "steal"), ("outcome", "mood"), ("stat", "guess"), ("mask", "../../etc/passwd"),
            ("filters", """{"dx":"Mars","planet":"x","age":"60"}"""), ("covariates", "shoe"), ("colour", "red"));
        var faults = await site.Node.RefuseAsync(form);
        Assert.Equal(
            ["colour", "covariates", "filters", "filters", "filters", "mask", "outcome", "stat", "task"],
            faults.Select(fault => (string)fault!["field"]!).Order());
        var mask = faults.Single(fault => (string?)fault!["field"] == "mask")!;
        Assert.Contains("STN", mask["allowed"]!.AsArray().Select(name => (string)name!));
    }

    [Theory]
    [InlineData("{\"dx\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":\"PD\"}")]
    [InlineData("{\"dx\":[]}")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task Filters_that_are_none_are_refused(string filters)
    {
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"), ("filters", filters));
        Assert.Equal("filters", (string?)Assert.Single(await site.Node.RefuseAsync(form))!["field"]);
    }

    [Fact]
    public async Task A_level_too_rare_to_be_shown_is_refused_like_one_that_does_not_exist()
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        using var rare = TinySite.Form(map, ("outcome", "UPDRS_change"), ("filters", """{"dx":"ET"}"""));
        using var unknown = TinySite.Form(map, ("outcome", "UPDRS_change"), ("filters", """{"dx":"XX"}"""));
        Assert.Equal((await site.Node.RefuseAsync(unknown)).ToJsonString(), (await site.Node.RefuseAsync(rare)).ToJsonString().Replace("ET", "XX", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_map_that_is_zero_inside_the_mask_is_refused()
    {
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"), ("mask", "empty"));
        Assert.Equal("map_file", (string?)Assert.Single(await site.Node.RefuseAsync(form))!["field"]);
    }

    [Fact]
    public async Task A_mask_that_cannot_be_used_is_the_masks_fault()
    {
        using var random = new RandomSite(30, seed: 16);
        Directory.CreateDirectory(Path.Combine(random.Path, "masks"));
        await File.WriteAllBytesAsync(Path.Combine(random.Path, "masks", "series.nii.gz"), RandomSite.Write(random.Noise(2), maps: 2), Stop);
        using var folder = new TemporaryFolder();
        await using var node = await HostedNode.ServeAsync(folder.MakePrivate("state"), ("DATA_VIEW", random.Path));
        using var form = TinySite.Form(random.NextMap(), ("outcome", "change"), ("mask", "series"));
        var fault = Assert.Single(await node.RefuseAsync(form))!;
        Assert.Equal("mask", (string?)fault["field"]);
        Assert.Contains("2 volumes", (string?)fault["message"], StringComparison.Ordinal);
        // Nor does a question without a map fail in the sandbox, or on a steward's terminal.
        using var without = new MultipartFormDataContent();
        foreach (var (name, value) in new[] { ("task", "cross_validate_v1"), ("cv", "loo"), ("outcome", "change"), ("mask", "series") })
            without.Add(new StringContent(value), name);
        Assert.Equal("mask", (string?)Assert.Single(await node.RefuseAsync(without))!["field"]);
        await HostedNode.RunAsync(folder["state"], ["ingest"], ("DATA_VIEW", random.Path));
        var (exitCode, _, error) = await HostedNode.RunAsync(folder["state"], ["cohort", "run", "--cv", "loo", "--outcome", "change", "--mask", "series"], ("DATA_VIEW", random.Path));
        Assert.Equal(2, exitCode);
        Assert.Contains("series.nii.gz: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_map_of_a_batch_that_is_zero_is_named()
    {
        var map = NiftiVolume.Read(TinySite.Map("main.nii.gz"));
        var zero = new float[map.Values.Length];
        using var batch = new MemoryStream();
        NiftiWriter.Write(batch, new NiftiVolume(map.Grid, 4, [.. map.Values, .. zero, .. map.Values, .. zero]), compress: true);
        using var form = TinySite.Form(batch.ToArray(), ("outcome", "UPDRS_change"));
        Assert.Equal(
            ["map 2 of 4 is zero everywhere inside the mask", "map 4 of 4 is zero everywhere inside the mask"],
            (await site.Node.RefuseAsync(form)).Select(fault => (string?)fault!["message"]));
    }

    [Fact]
    public async Task Maps_that_are_none_are_refused_and_leave_nothing_behind()
    {
        var good = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        var plain = await File.ReadAllBytesAsync(TinySite.Map("other.nii"), Stop);
        var elsewhere = plain.ToArray();
        BitConverter.TryWriteBytes(elsewhere.AsSpan(292), 1e6f); // srow_x[3]: a kilometre to the right
        var cases = new (string Name, byte[]? Map)[]
        {
            ("no map", null),
            ("an empty file", []),
            ("text", "this is no brain"u8.ToArray()),
            ("a truncated gzip", good[..(good.Length / 2)]),
            ("a truncated volume", plain[..(plain.Length / 2)]),
            ("a bomb", Bomb(plain[..352])),
            ("another grid", elsewhere),
            ("nothing finite", (byte[])[.. plain[..352], .. Enumerable.Repeat<byte>(0xff, plain.Length - 352)]),
            ("too large", new byte[(16 << 20) + 1]),
            ("far too large", new byte[24 << 20]),
            ("a small file that holds a thousand brains", Huge(plain[..352])),
        };
        foreach (var (name, map) in cases)
        {
            using var form = TinySite.Form(map, ("outcome", "UPDRS_change"));
            var fault = Assert.Single(await site.Node.RefuseAsync(form))!;
            Assert.True((string?)fault["field"] == "map_file", name);
        }
    }

    // Consistent, and a million times smaller than what it inflates to.
    private static byte[] Huge(byte[] header)
    {
        header = [.. header];
        foreach (var (offset, dim) in ((int, short)[])[(42, 640), (44, 640), (46, 640)])
            BitConverter.TryWriteBytes(header.AsSpan(offset), dim);
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(header);
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 1000; i++)
                gzip.Write(zeros);
        }

        return bytes.ToArray();
    }

    // A header that promises little, and ten gigabytes of zeros behind it.
    private static byte[] Bomb(byte[] header)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(header);
        // Members of a gzip file follow each other: a hundred megabytes, a hundred times.
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 100; i++)
                gzip.Write(zeros);
        }

        for (var i = 0; i < 100; i++)
            bytes.Write(member.GetBuffer(), 0, (int)member.Length);
        return bytes.ToArray();
    }
}
