namespace Lazaret.Node.Delivery;

internal enum DeliveryState
{
    /// <summary>An attempt is due, now or later.</summary>
    Pending,

    /// <summary>The receiver answered with 2xx.</summary>
    Delivered,

    /// <summary>Given up: the retries are used up, or the endpoint is disabled.</summary>
    Failed,
}
