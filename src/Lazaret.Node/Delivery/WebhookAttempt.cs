namespace Lazaret.Node.Delivery;

/// <summary>A line of the delivery log. What was sent and what was answered is not kept.</summary>
public sealed class WebhookAttempt
{
    public required Guid DeliveryId { get; init; }

    public required int Attempt { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AttemptEnd Ending { get; init; }

    /// <summary>The receiver's answer, if one came.</summary>
    public required int? Status { get; init; }

    public required long Milliseconds { get; init; }
}
