using Lazaret.Node;
using Lazaret.Node.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
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

    [Theory]
    [InlineData(11)]
    [InlineData(26)]
    public async Task A_damaged_database_needs_an_operator_and_makes_the_node_not_ready(int code)
    {
        await using var node = await ServingNode.StartAsync();
        var readiness = node.Services.GetRequiredService<ReadinessExamination>();
        Assert.True((await readiness.RunAsync(NodeRole.Api, TestContext.Current.CancellationToken)).Admission.Ready);
        var requests = node.Services.GetRequiredService<RequestOutage>();
        var http = Request();
        Assert.True(await new StorageFaults(NullLogger<StorageFaults>.Instance, requests).TryHandleAsync(http, new DbUpdateException("wrapped", new SqliteException("malformed", code)), TestContext.Current.CancellationToken));
        Assert.Equal((StatusCodes.Status503ServiceUnavailable, 0), (http.Response.StatusCode, http.Response.Headers.RetryAfter.Count));
        // Though the probe, which reads little, finds nothing.
        requests.Passed();
        var found = await readiness.RunAsync(NodeRole.Api, TestContext.Current.CancellationToken);
        Assert.False(found.Admission.Ready);
        Assert.Contains("damaged: malformed", found.NotReady[ReadinessChecks.Database], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_the_database_takes_none_of_is_the_requests_fault()
    {
        var http = Request();
        Assert.True(await Faults().TryHandleAsync(http, new DbUpdateException("wrapped", new PostgresException("invalid byte sequence", "ERROR", "ERROR", "22021")), TestContext.Current.CancellationToken));
        Assert.Equal(StatusCodes.Status400BadRequest, http.Response.StatusCode);
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
