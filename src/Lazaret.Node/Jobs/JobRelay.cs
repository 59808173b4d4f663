using System.Threading.Channels;

namespace Lazaret.Node.Jobs;

/// <summary>
/// Carries <see cref="JobSignal"/> between processes. What is lost on the way costs time, and nothing else: workers look at
/// the queue every <c>Jobs:PollMilliseconds</c>, and a heartbeat finds the cancellation.
/// </summary>
public abstract partial class JobRelay(JobSignal signal, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<Guid?> _said = Channel.CreateBounded<Guid?>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropWrite });

    private static string Write(Guid? cancelled) => cancelled?.ToString("N") ?? "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signal.RelayTo(cancelled => _said.Writer.TryWrite(cancelled));
        try
        {
            await Task.WhenAll(KeepAsync(ListenAsync, stoppingToken), KeepAsync(SendAsync, stoppingToken));
        }
        finally
        {
            signal.RelayTo(null);
        }
    }

    /// <summary>Hears what other processes say, until the connection breaks.</summary>
    protected abstract Task ListenAsync(CancellationToken cancellationToken);

    protected abstract Task SendAsync(string message, CancellationToken cancellationToken);

    protected void Hear(string message)
    {
        if (message.Length == 0)
            signal.Hear(null);
        else if (Guid.TryParseExact(message, "N", out var cancelled))
            signal.Hear(cancelled);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await foreach (var first in _said.Reader.ReadAllAsync(cancellationToken))
        {
            // What came meanwhile goes along: a hundred admissions wake the workers once.
            var messages = new HashSet<string> { Write(first) };
            while (messages.Count < 64 && _said.Reader.TryRead(out var more))
                messages.Add(Write(more));
            foreach (var message in messages)
                await SendAsync(message, cancellationToken);
        }
    }

    private async Task KeepAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await work(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogBroken(e);
                await Task.Delay(Pause, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The node is stopping.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other processes are not reached or heard for now; workers look at the queue by themselves")]
    private partial void LogBroken(Exception exception);
}
