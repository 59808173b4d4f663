using StackExchange.Redis;

namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>The one connection of this process to Redis, and the names that the node uses there.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const string Key = "ConnectionStrings:Redis";

    // Probes ask, and must be answered also while Redis hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly string? _text;
    private readonly RedisKey _probe;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;

    public RedisConnection(QueueOptions options, IConfiguration configuration)
    {
        _text = configuration.GetConnectionString("Redis");
        _connection = new(() => ConnectionMultiplexer.ConnectAsync(Read()));
        Stream = $"{options.Name}:jobs";
        _probe = $"{options.Name}:probe";
        Channel = RedisChannel.Literal($"{options.Name}:jobs:signal");
    }

    /// <summary>Ids of jobs that a worker should claim. Workers that cannot run every job have streams of their own, whose names begin with this one's.</summary>
    public RedisKey Stream { get; }

    public RedisChannel Channel { get; }

    /// <summary>Where Redis is.</summary>
    /// <exception cref="InputException">Nothing says it, or what does cannot be read.</exception>
    public ConfigurationOptions Read()
    {
        if (string.IsNullOrWhiteSpace(_text))
            throw new InputException($"{Key}: is empty, and Lazaret:Queue:Provider is redis: set it to HOST:PORT");
        var client = Parse(_text);
        // A server that is away comes back; until then the database hands out the jobs.
        client.AbortOnConnectFail = false;
        // Otherwise each claim would first wait five seconds for it to come back.
        client.BacklogPolicy = BacklogPolicy.FailFast;
        return client;
    }

    public Task<ConnectionMultiplexer> OpenAsync() => _connection.Value;

    /// <summary>Null while Redis takes what the node writes. One that answers may still refuse it: a replica, one without memory or disk, a user without the right.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await OpenAsync().WaitAsync(Patience, cancellationToken);
            await connection.GetDatabase().StringSetAsync(_probe, "", Lifetime).WaitAsync(Patience, cancellationToken);
            return null;
        }
        catch (RedisServerException e) when (!IsRefusal(e))
        {
            // Errors begin with a code (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors).
            var code = e.Message.Split(' ')[0];
            return $"Redis answers, but refuses what the node writes ({code}): the database hands out the jobs; {MendOf(code)}";
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return IsRefusal(e) || await IsRefusedAsync(cancellationToken)
                ? "Redis refuses the password of ConnectionStrings:Redis: the database hands out the jobs; set the server's password there (password=…)"
                : "Redis does not answer: the database hands out the jobs";
        }
    }

    public async ValueTask DisposeAsync()
    {
        // To connect to a server that hangs takes a quarter of a minute, and nobody who ends waits for it.
        if (_connection is not { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            return;
        var connection = await _connection.Value;
        await connection.CloseAsync(allowCommandsToComplete: false);
        connection.Dispose();
    }

    /// <summary>Whether the server refuses a new connection. One that was there, and is made anew, only says that it is away.</summary>
    private async Task<bool> IsRefusedAsync(CancellationToken cancellationToken)
    {
        var client = Read();
        (client.AbortOnConnectFail, client.ConnectRetry, client.ConnectTimeout) = (true, 1, (int)Patience.TotalMilliseconds);
        try
        {
            var connecting = ConnectionMultiplexer.ConnectAsync(client);
            _ = connecting.ContinueWith(done => done.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            await connecting.WaitAsync(Patience, cancellationToken);
            return false;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return IsRefusal(e);
        }
    }

    private static string MendOf(string code) => code switch
    {
        "READONLY" => "it is a replica: set ConnectionStrings:Redis to the primary",
        "OOM" => "it is at its maxmemory: raise that, or find out what fills it (redis-cli --bigkeys)",
        "MISCONF" => "it cannot save to its disk: look at its log, and make room",
        "NOPERM" => $"its user lacks a right on the keys and channels of Lazaret:Queue:Name (ACL SETUSER … ~NAME:* &NAME:* +@all)",
        _ => "look at its log",
    };

    private static bool IsRefusal(Exception? e) => e is not null
        && (e is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } || e.Message.Contains("WRONGPASS", StringComparison.Ordinal) || e.Message.Contains("NOAUTH", StringComparison.Ordinal) || IsRefusal(e.InnerException));

    private static ConfigurationOptions Parse(string connection)
    {
        try
        {
            return ConfigurationOptions.Parse(connection);
        }
        catch (ArgumentException)
        {
            // The parser's own words could quote the password.
            throw new InputException($"{Key}: is no connection string of Redis: HOST:PORT,password=…");
        }
    }
}
