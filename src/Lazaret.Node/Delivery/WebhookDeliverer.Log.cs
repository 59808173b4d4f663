using Lazaret.Node.Delivery.Sending;

namespace Lazaret.Node.Delivery;

// A URL may carry a token: its host is all that is logged.
internal sealed partial class WebhookDeliverer
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {Delivery}, attempt {Attempt}, to {Host}: {End} {Status}")]
    private partial void LogAttempt(Guid delivery, int attempt, string host, AttemptEnd end, int? status);

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {Delivery}, attempt {Attempt}: no longer ours, discarded")]
    private partial void LogLeaseLost(Guid delivery, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook {Delivery}: the node could not send it")]
    private partial void LogHostFault(Exception exception, Guid delivery);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook {Delivery}: what became of it could not be written: {Cause}")]
    private partial void LogUnwritten(Guid delivery, string cause);
}
