using Lazaret.Node;
using Lazaret.Node.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StackExchange.Redis;

namespace Lazaret.Tests.Http;

public sealed class StorageFaultsTests
{
    /// <summary>As the database's, Redis' and the system's libraries throw them, bare or wrapped.</summary>
    public static TheoryData<Exception> Away =>
    [
        new NpgsqlException("away"),
        new DbUpdateException("away", new NpgsqlException("away")),
        new InvalidOperationException("likely due to a transient failure", new NpgsqlException("away")),
        new InvalidOperationException("likely due to a transient failure", new DbUpdateException("away", new TimeoutException())),
        new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "away"),
        new TimeoutException("slow"),
        new IOException("No space left on device"),
    ];

    [Theory]
    [MemberData(nameof(Away), DisableDiscoveryEnumeration = true)]
    public async Task A_server_or_a_disk_that_is_away_is_a_503_that_invites_to_come_again(Exception fault)
    {
        var http = Request();
        Assert.True(await Faults().TryHandleAsync(http, fault, TestContext.Current.CancellationToken));
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, http.Response.StatusCode);
        Assert.Equal("5", http.Response.Headers.RetryAfter.ToString());
    }

    [Fact]
    public async Task A_fault_of_the_nodes_own_is_none_of_them()
    {
        Assert.False(await Faults().TryHandleAsync(Request(), new InvalidOperationException("a bug", new FormatException("a bug")), TestContext.Current.CancellationToken));
        Assert.False(await Faults().TryHandleAsync(Request(), new BadHttpRequestException("torn"), TestContext.Current.CancellationToken));
    }

    private static StorageFaults Faults() => new(NullLogger<StorageFaults>.Instance, new RequestOutage(NullLogger<RequestOutage>.Instance));

    private static DefaultHttpContext Request() => new() { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
}
