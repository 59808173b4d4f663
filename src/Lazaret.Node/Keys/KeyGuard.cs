using Lazaret.Node.Configuration;

namespace Lazaret.Node.Keys;

/// <summary>
/// Compares the key ring of the source with the one that the database was sealed with. While they do not match, the node admits and claims
/// nothing, since what it sealed meanwhile could be lost; it goes on by itself when the right ring is back.
/// </summary>
public sealed partial class KeyGuard(
    IKeyRingSource source, CurrentKeyRing rings, DatabaseRing database, NodeEnvironment environment, TimeProvider time, ILogger<KeyGuard> logger) : IDisposable
{
    /// <summary>What a requester is told; the reason names the machine's folders, and is for its operator.</summary>
    public const string NoKeys = "The node takes no requests now: the keys that seal what it stores are not available. Its operator finds the cause at /readyz and in the log.";

    // When the source's stamp changes, the guard reads the source at once. The database, which other processes change, is read after this time.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _looking = new(1);
    private volatile Verdict? _latest;

    public IKeyRingSource Source => source;

    /// <summary>Starts to use the ring. The first one of a database that never had any is made here, outside Production, where the source is a file.</summary>
    /// <exception cref="MissingException">There is none, or it is not this database's.</exception>
    /// <exception cref="InputException">What the source has cannot be used.</exception>
    public async Task<KeyRing> StartAsync(CancellationToken cancellationToken)
    {
        if (source is KeyFile { Exists: false } file && !environment.IsProduction)
            await database.MakeFirstAsync(file, cancellationToken);
        return await RequireAsync(cancellationToken);
    }

    /// <summary>Before there is a database: in Production its keys must be there, so that an empty folder in the place of a disk that is not mounted does not become a node.</summary>
    /// <exception cref="MissingException">There is none, and none is made here.</exception>
    /// <exception cref="InputException">What the source has cannot be used.</exception>
    public void RequireToBegin()
    {
        if (source is KeyFile { Exists: false } && !environment.IsProduction)
            return;
        try
        {
            source.Read();
        }
        catch (MissingException e)
        {
            throw new MissingException($"{e.Message}, nor a database: {source.HowToBegin}. Where a node ran before, look first whether its disk is mounted");
        }
    }

    /// <summary>The ring that the source now has, in use from now on.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public async Task<KeyRing> RequireAsync(CancellationToken cancellationToken) => await LookAsync(cancellationToken) switch
    {
        { Fault: null } => rings.Get(),
        { IsBadInput: true, Fault: var fault } => throw new InputException(fault),
        { Fault: var fault } => throw new MissingException(fault),
    };

    /// <summary>Starts to use the source's ring if it has changed. Null, or why the one that the source has cannot be used, and what to do.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken) => (await LookAsync(cancellationToken)).Fault;

    /// <summary>Makes the next call look again: a record did not open.</summary>
    public void Forget() => _latest = _latest is { } latest ? latest with { At = DateTimeOffset.MinValue } : null;

    /// <summary>Like <see cref="FaultAsync"/>, for a command that only checks: the ring in use stays, and nothing is written.</summary>
    /// <param name="ring">The ring that the source has, if it has any.</param>
    public async Task<string?> ExamineAsync(KeyRing? ring, CancellationToken cancellationToken) =>
        ring is null ? await database.CureAsync(source.Place, cancellationToken) : await database.FaultAsync(ring, source.Place, cancellationToken);

    public void Dispose() => _looking.Dispose();

    private async Task<Verdict> LookAsync(CancellationToken cancellationToken)
    {
        if (IsFresh(_latest))
            return _latest!;
        await _looking.WaitAsync(cancellationToken);
        try
        {
            var (before, primary) = (_latest, rings.Taken?.Primary.Id);
            if (IsFresh(before))
                return before!;
            _latest = await JudgeAsync(before, cancellationToken);
            if (before is not null)
                Say(before.Fault, _latest.Fault, primary);
            return _latest;
        }
        finally
        {
            _looking.Release();
        }

        bool IsFresh(Verdict? verdict) => verdict is not null && verdict.Stamp == source.Stamp && time.GetUtcNow() - verdict.At < Fresh;
    }

    private async Task<Verdict> JudgeAsync(Verdict? before, CancellationToken cancellationToken)
    {
        // The stamp is taken before the ring is read: a change during the reading changes the stamp, and the ring is read again.
        var verdict = new Verdict(source.Stamp, time.GetUtcNow());
        try
        {
            if (before is { Fault: null } && before.Stamp == verdict.Stamp && await TakeUpAsync(rings.Get(), cancellationToken) is null)
                return verdict;
            var ring = source.Read();
            if (await TakeUpAsync(ring, cancellationToken) is { } fault)
                return verdict with { Fault = fault };
            rings.Take(ring);
            return verdict;
        }
        catch (MissingException e) when (e.SaysHow)
        {
            return verdict with { Fault = e.Message };
        }
        catch (Exception e) when (e is MissingException or InputException)
        {
            var cure = await database.CureAsync(source.Place, cancellationToken)
                ?? (e is InputException ? $"put a copy of the key ring back ({source.Place})" : source is not KeyFile { Exists: true } ? source.HowToBegin : null);
            return verdict with { Fault = cure is null ? e.Message : $"{e.Message}; {cure}", IsBadInput = e is InputException };
        }
    }

    private Task<string?> TakeUpAsync(KeyRing ring, CancellationToken cancellationToken) =>
        database.TakeUpAsync(ring, source.Place, isNew: rings.Taken?.Primary.Id != ring.Primary.Id, cancellationToken);

    private void Say(string? before, string? now, string? primary)
    {
        if (now is not null && now != before)
            LogFault(now);
        else if (now is null && before is not null)
            LogBack(source.Place, rings.Get().Primary.Id);
        else if (now is null && rings.Get().Primary.Id != primary)
            LogNewPrimary(source.Place, rings.Get().Primary.Id);
    }

    private sealed record Verdict(long Stamp, DateTimeOffset At)
    {
        public string? Fault { get; init; }

        public bool IsBadInput { get; init; }
    }

    [LoggerMessage(LogLevel.Error, "Nothing is admitted, and no job is claimed: {Why}")]
    private partial void LogFault(string why);

    [LoggerMessage(LogLevel.Information, "The key ring is back ({Place}): new records are sealed under {Key}")]
    private partial void LogBack(string place, string key);

    [LoggerMessage(LogLevel.Information, "The key ring was read from {Place}: new records are sealed under {Key}")]
    private partial void LogNewPrimary(string place, string key);
}
