using Lazaret.Node.Storage.Faults;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Health;

/// <summary>Requests that fail for want of the database or the disk: logged once, until <see cref="GaugeKeeper"/> has both again. Each request has its own line in the log, with its trace.</summary>
internal sealed class RequestOutage(ILogger<RequestOutage> logger)
{
    // A probe may pass where requests fail: it reads other tables, and writes little.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    // While a balancer sends nothing because of it, nothing is tried.
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(30);

    private readonly Outage _outage = new(logger, "Requests are answered 503, for the database or the state folder fails them");
    private long _failedAt;
    private Said? _noRoom;

    /// <summary>What a request found damaged in the database, which stays so until an operator acts; null where none has.</summary>
    public string? Damage { get; private set; }

    /// <summary>What a request found of a disk without room a moment ago; null otherwise. A server whose disk is full answers whatever it is asked, and keeps nothing.</summary>
    public string? NoRoom => _noRoom is { } said && TimeProvider.System.GetElapsedTime(said.At) < Lately ? said.Words : null;

    public void Failed(Exception cause)
    {
        if (DatabaseWords.IsFullDisk(cause))
            _noRoom = new Said(DatabaseWords.Of(cause), TimeProvider.System.GetTimestamp());
        Volatile.Write(ref _failedAt, TimeProvider.System.GetTimestamp());
        if (DatabaseWords.IsDamage(cause))
            Damage ??= DatabaseWords.Of(cause);
        _outage.Failed(cause);
    }

    public void Passed()
    {
        if (Damage is null && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _failedAt)) >= Quiet)
            _outage.Passed();
    }

    private sealed record Said(string Words, long At);
}
