using System.Net;
using System.Text;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;

namespace Lazaret.Tests.WebConsole;

/// <summary>What the console's map viewer is sent, and who is sent it.</summary>
public sealed class MapTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_map_is_shown_to_who_sent_it_and_to_stewards_of_a_held_release_and_the_audit_says_so_once()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Requesters = ["asker"] } } });
        var (asker, other, steward, auditor) = (await node.RegisterAsync("asker", Roles.Requester), await node.RegisterAsync("other", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward), await node.RegisterAsync("auditor", Roles.Auditor));
        var free = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), "other", map: await MapAsync());
        var held = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b"), "asker", map: await MapAsync());
        var (own, review) = ($"/console/jobs/{held.Id}/map", $"/console/reviews/{held.Id}/map");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, own, asker));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, own, other));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(node, own, steward));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(node, review, asker));
        Assert.DoesNotContain(await node.AuditAsync(), IsMapRead);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, review, steward));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, review, steward));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"/console/reviews/{free.Id}/map", steward));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"{review}?number=2", steward));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"{review}?number=0", steward));
        var read = Assert.Single(await node.AuditAsync(), IsMapRead);
        Assert.Equal(("steward", held.Id), (read.Actor, read.JobId));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, review, auditor));
        Assert.Equal("auditor", (await node.AuditAsync()).Last(IsMapRead).Actor);
    }

    [Fact]
    public async Task Nothing_of_a_strangers_file_is_sent_but_its_voxels_as_the_node_reads_them()
    {
        const string Hidden = "Somebody's name, or a fault of a browser's reader";
        await using var node = await ServingNode.StartAsync();
        var grid = TinySite.Open().Grid!;
        // Another grid, shifted by a voxel, with a text in the header's description.
        var shifted = new Grid(grid.X + 1, grid.Y, grid.Z, grid.Affine);
        using var file = new MemoryStream();
        NiftiWriter.Write(file, new NiftiVolume(shifted, 1, [.. Enumerable.Range(0, (int)shifted.Voxels).Select(voxel => voxel % 7 - 3f)]), compress: false);
        var bytes = file.ToArray();
        Encoding.ASCII.GetBytes(Hidden).CopyTo(bytes, 148);
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), Requester.Local.Name, map: bytes);

        var sent = await node.Client.GetByteArrayAsync(new Uri($"/console/jobs/{job.Id}/map", UriKind.Relative), Stop);
        var shown = NiftiVolume.Read(new MemoryStream(sent));
        Assert.True(shown.Grid.IsSameAs(grid));
        Assert.Equal([.. Enumerable.Range(0, grid.X).Select(x => x % 7 - 3f)], shown.Values[..grid.X]);
        using var unpacked = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(new MemoryStream(sent), System.IO.Compression.CompressionMode.Decompress))
            await gzip.CopyToAsync(unpacked, Stop);
        Assert.Equal(352 + sizeof(float) * grid.Voxels, unpacked.Length);
        Assert.DoesNotContain(Hidden[..9], Encoding.Latin1.GetString(unpacked.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_map_any_more_or_never_was_one_is_not_there()
    {
        await using var node = await ServingNode.StartAsync();
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), Requester.Local.Name);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"/console/jobs/{job.Id}/map", null));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"/console/jobs/{Guid.Empty}/map", null));
    }

    [Fact]
    public async Task Masks_are_sent_as_zeros_and_ones_and_the_template_only_where_the_site_shows_it()
    {
        using var folder = new TemporaryFolder();
        var view = folder.Copy(TinySite.Folder, "view");
        var grid = TinySite.Open().Grid!;
        NiftiWriter.Write(Path.Combine(view, "masks", "odd.nii.gz"), new NiftiVolume(grid, 1, [.. Enumerable.Range(0, (int)grid.Voxels).Select(voxel => voxel % 5 * 17f)]));
        NiftiWriter.Write(Path.Combine(view, "template.nii.gz"), new NiftiVolume(grid, 1, [.. Enumerable.Repeat(5f, (int)grid.Voxels)]));
        await using var node = await ServingNode.StartAsync(options => options with { Data = new DataOptions { View = view } });

        var mask = NiftiVolume.Read(new MemoryStream(await node.Client.GetByteArrayAsync(new Uri("/console/masks/odd", UriKind.Relative), Stop)));
        Assert.Equal([0f, 1f], mask.Values.Distinct().Order());
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, "/console/masks/no_such", null));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, "/console/masks/..%2Fconn%2Fsub-0000", null));

        folder.Write("view/site.yaml", "template_file: template.nii.gz\n");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, "/console/template", null));
        folder.Write("view/site.yaml", "template_file: template.nii.gz\nshow_template: true\n");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, "/console/template", null));
    }

    [Theory]
    [InlineData("conn/sub-0000.nii.gz")]
    [InlineData("link.nii.gz")]
    [InlineData("linked/sub-0000.nii.gz")]
    public void No_subjects_volume_is_shown_as_a_template(string template)
    {
        using var folder = new TemporaryFolder();
        var view = folder.Copy(TinySite.Folder, "view");
        File.CreateSymbolicLink(Path.Combine(view, "link.nii.gz"), "conn/sub-0000.nii.gz");
        Directory.CreateSymbolicLink(Path.Combine(view, "linked"), "conn");
        folder.Write("view/site.yaml", $"template_file: {template}\nshow_template: true\n");
        var opened = DataView.Open(view);
        Assert.Null(opened.ShownTemplate);
        Assert.Contains(opened.Faults, fault => fault.ToString() == "site.yaml: show_template: template_file is a volume of paths.csv, and no subject's volume is shown");
    }

    private static Task<byte[]> MapAsync() => File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);

    private static bool IsMapRead(AuditEntry entry) => entry.Action == AuditAction.JobRead && entry.Detail.Contains("\"what\":\"map\"", StringComparison.Ordinal);

    private static async Task<HttpStatusCode> StatusAsync(ServingNode node, string path, string? key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, key);
        return answer.StatusCode;
    }
}
