using StackExchange.Redis;

namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>Publish and subscribe.</summary>
internal sealed class RedisRelay(JobSignal signal, RedisConnection redis, ILogger<RedisRelay> logger) : JobRelay(signal, logger)
{
    protected override async Task ListenAsync(CancellationToken cancellationToken)
    {
        // The client subscribes again by itself when the server comes back.
        var subscriber = (await redis.OpenAsync()).GetSubscriber();
        await subscriber.SubscribeAsync(redis.Channel, OnMessage);
        Heard();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            await subscriber.UnsubscribeAsync(redis.Channel, OnMessage, CommandFlags.FireAndForget);
        }
    }

    protected override async Task SendAsync(IReadOnlyCollection<string> messages, CancellationToken cancellationToken)
    {
        var subscriber = (await redis.OpenAsync()).GetSubscriber();
        await Task.WhenAll(messages.Select(message => subscriber.PublishAsync(redis.Channel, message)));
    }

    private void OnMessage(RedisChannel channel, RedisValue message) => Hear(message!);
}
