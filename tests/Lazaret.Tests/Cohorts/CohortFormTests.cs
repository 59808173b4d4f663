using System.IO.Compression;
using System.Security.Cryptography;
using Lazaret.Node.Admission;
using Lazaret.Node.Cohorts;
using Microsoft.AspNetCore.Http;

namespace Lazaret.Tests.Cohorts;

public sealed class CohortFormTests
{
    private static readonly UploadMemory Memory = new(new CohortOptions { MaxUploadMiB = 1, UploadMemoryMiB = 1 });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    public async Task A_map_that_came_plain_is_kept_packed(int length)
    {
        var map = new byte[length];
        new Random(length).NextBytes(map);
        using var form = await ReadAsync(map, []);
        using var gzip = new GZipStream(new MemoryStream(form.Map!), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await gzip.CopyToAsync(bytes, Stop);
        Assert.Equal(map, bytes.ToArray());
        Assert.Equal(SHA256.HashData(map), form.MapDigest);
    }

    [Fact]
    public async Task A_map_that_came_packed_is_kept_as_it_came()
    {
        byte[] map = [0x1f, 0x8b, .. Enumerable.Repeat((byte)7, 200_000)];
        using var form = await ReadAsync(map, []);
        Assert.Equal(map, form.Map);
    }

    [Fact]
    public async Task Maps_in_flight_share_a_bound_and_give_their_part_back()
    {
        var map = new byte[600 << 10];
        using (var first = await ReadAsync(map, []))
        {
            Assert.True(first.IsComplete);
            using var second = await ReadAsync(map, []);
            Assert.True(second.FoundNoMemory);
            Assert.Null(second.Map);
        }

        using var third = await ReadAsync(map, []);
        Assert.True(third.IsComplete);
    }

    [Fact]
    public async Task A_map_that_is_too_large_is_a_fault_of_its_own()
    {
        var faults = new List<RequestFault>();
        using var form = await ReadAsync(new byte[(1 << 20) + 1], faults, new UploadMemory(new CohortOptions()));
        Assert.False(form.IsComplete || form.FoundNoMemory);
        Assert.Equal("map_file", Assert.Single(faults).Field);
    }

    private static async Task<CohortForm> ReadAsync(byte[] map, List<RequestFault> faults, UploadMemory? memory = null)
    {
        using var body = new MultipartFormDataContent { { new ByteArrayContent(map), "map_file", "map.nii" } };
        var http = new DefaultHttpContext();
        http.Request.ContentType = body.Headers.ContentType!.ToString();
        http.Request.Body = await body.ReadAsStreamAsync(Stop);
        return await CohortForm.ReadAsync(http.Request, memory ?? Memory, 1 << 20, faults, Stop);
    }
}
