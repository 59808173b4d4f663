namespace Lazaret.Node.Http.Bodies;

/// <summary>One body's part of <see cref="BodyMemory"/>; disposing gives it back.</summary>
internal sealed class BodyShare(BodyMemory memory) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Cancelled when the body has stalled, and others need the memory.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The bytes taken; <see cref="BodyMemory"/>'s to change.</summary>
    public long Held { get; set; }

    /// <summary>When it had last grown by enough; <see cref="BodyMemory"/>'s to change.</summary>
    public long GrewAt { get; set; }

    /// <summary>By how much it has grown since; <see cref="BodyMemory"/>'s to change.</summary>
    public long GrownSince { get; set; }

    /// <exception cref="BodyRefusedException">There is not as much left.</exception>
    public async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        if (!await memory.TakeAsync(this, bytes, cancellationToken))
            throw new BodyRefusedException(BodyRefusal.NoMemory);
    }

    public void Return(long bytes) => memory.Return(this, bytes);

    public void Grow(long bytes) => memory.Grow(this, bytes);

    public void Arrived() => memory.Arrived(this);

    /// <summary>Returns at once: those who wait for the cancellation run elsewhere.</summary>
    public void End() => _ = _ended.CancelAsync();

    public void Dispose()
    {
        Arrived();
        Return(Held);
        _ended.Dispose();
    }
}
