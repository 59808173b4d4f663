using System.IO.Compression;
using System.Security.Cryptography;
using Lazaret.Cohort.Faults;
using Lazaret.Node.Cohorts.Forms;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Microsoft.AspNetCore.Http;

namespace Lazaret.Tests.Cohorts.Forms;

public sealed class CohortFormTests
{
    private static readonly RequestBodies Bodies = Of(new HttpOptions { BodyMemoryMiB = 4 });

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
        // Two pieces of one map, while it is put into one, leave no room for a second one.
        var bodies = Of(new HttpOptions { BodyMemoryMiB = 3 });
        var map = new byte[1000 << 10];
        new Random(1).NextBytes(map);
        using (var first = await ReadAsync(map, [], bodies))
        {
            Assert.True(first.IsComplete);
            using var second = await ReadAsync(map, [], bodies);
            Assert.Equal(BodyRefusal.NoMemory, second.Refusal);
            Assert.Null(second.Map);
        }

        using var third = await ReadAsync(map, [], bodies);
        Assert.True(third.IsComplete);
    }

    [Fact]
    public async Task A_map_that_is_too_large_is_a_fault_of_its_own()
    {
        var faults = new FaultList<RequestFault>();
        using var form = await ReadAsync(new byte[(1 << 20) + 1], faults);
        Assert.False(form.IsComplete);
        Assert.Null(form.Refusal);
        Assert.Equal("map_file", Assert.Single(faults).Field);
    }

    private static RequestBodies Of(HttpOptions options) => new(new BodyMemory(options, TimeProvider.System) { Patience = TimeSpan.Zero }, options, TimeProvider.System);

    private static async Task<CohortForm> ReadAsync(byte[] map, FaultList<RequestFault> faults, RequestBodies? bodies = null)
    {
        using var body = new MultipartFormDataContent { { new ByteArrayContent(map), "map_file", "map.nii" } };
        var http = new DefaultHttpContext();
        http.Request.ContentType = body.Headers.ContentType!.ToString();
        http.Request.Body = await body.ReadAsStreamAsync(Stop);
        return await CohortForm.ReadAsync(http.Request, bodies ?? Bodies, 1 << 20, page: null, faults, Stop);
    }
}
