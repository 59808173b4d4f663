using System.Threading.Channels;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>
/// Carries the messages of <see cref="JobSignal"/> between processes. A lost message costs only time: workers poll the queue every
/// <c>Jobs:PollMilliseconds</c>, a heartbeat finds the cancellation, and a request that waits for a result polls for it.
/// </summary>
public abstract class JobRelay(JobSignal signal, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Outage _hearing = new(logger, "Other processes are not heard, and workers look at the queue by themselves");
    private readonly Outage _sending = new(logger, "Other processes are not told of jobs, and their workers look at the queue by themselves");
    private readonly Channel<JobNews> _said = Channel.CreateBounded<JobNews>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signal.RelayTo(news => _said.Writer.TryWrite(news));
        try
        {
            await Task.WhenAll(KeepAsync(ListenAsync, _hearing, stoppingToken), KeepAsync(SendAsync, _sending, stoppingToken));
        }
        finally
        {
            signal.RelayTo(null);
        }
    }

    /// <summary>Hears what other processes say, until the connection breaks; says <see cref="Heard"/> when it has begun.</summary>
    protected abstract Task ListenAsync(CancellationToken cancellationToken);

    protected abstract Task SendAsync(IReadOnlyCollection<string> messages, CancellationToken cancellationToken);

    protected void Heard() => _hearing.Passed();

    protected void Hear(string message)
    {
        if (JobNews.Read(message) is { } news)
            signal.Hear(news);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await foreach (var first in _said.Reader.ReadAllAsync(cancellationToken))
        {
            // Messages that came meanwhile are sent together, equal ones once: a hundred admissions wake the workers once.
            var messages = new HashSet<string> { first.Write() };
            while (messages.Count < 64 && _said.Reader.TryRead(out var more))
                messages.Add(more.Write());
            await SendAsync(messages, cancellationToken);
            _sending.Passed();
        }
    }

    private async Task KeepAsync(Func<CancellationToken, Task> work, Outage outage, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await work(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                outage.Failed(e);
                await Task.Delay(Pause, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                // The node is stopping: what it was doing ends in one way or another.
            }
        }
    }
}
