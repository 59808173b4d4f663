namespace Lazaret.Node.WebConsole.Parts;

/// <summary>A value that many pages show. It is looked up once in a while and not for each page: all who ask meanwhile get the same value.</summary>
/// <param name="kept">For how long a value is used.</param>
/// <param name="time">The clock.</param>
/// <param name="look">Looks up the value.</param>
internal sealed class Lately<T>(TimeSpan kept, TimeProvider time, Func<CancellationToken, Task<T>> look) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private (T Value, long At)? _last;

    public async Task<T> GetAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.At) > kept)
                _last = last = (await look(cancellationToken), time.GetTimestamp());
            return last.Value;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
