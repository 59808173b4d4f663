namespace Lazaret.Node.Delivery.Sending;

/// <summary>What became of one attempt at a delivery. The set is closed.</summary>
/// <param name="Ending">How the log and the metrics call it.</param>
/// <param name="Status">The receiver's answer, if one came.</param>
internal abstract record AttemptOutcome(AttemptEnd Ending, int? Status)
{
    /// <summary>2xx: the receiver has it.</summary>
    public sealed record Taken(int Code) : AttemptOutcome(AttemptEnd.Taken, Code);

    /// <summary>410: the receiver wants no more.</summary>
    public sealed record Gone() : AttemptOutcome(AttemptEnd.Gone, StatusCodes.Status410Gone);

    /// <summary>Any other answer, redirects included: not now.</summary>
    /// <param name="Code">The status.</param>
    /// <param name="RetryAfter">How long the receiver asked to be left alone.</param>
    public sealed record Refused(int Code, TimeSpan? RetryAfter) : AttemptOutcome(AttemptEnd.Refused, Code);

    /// <summary>No answer.</summary>
    public sealed record Unanswered(AttemptEnd Why) : AttemptOutcome(Why, Status: null);
}

/// <summary>How an attempt ended.</summary>
internal enum AttemptEnd
{
    /// <summary>Answered with 2xx.</summary>
    Taken,

    /// <summary>Answered with 410.</summary>
    Gone,

    /// <summary>Answered with another status.</summary>
    Refused,

    /// <summary>Not answered in time.</summary>
    TimedOut,

    /// <summary>The host's name is unknown.</summary>
    NoSuchHost,

    /// <summary>The host's addresses are none that a webhook may go to.</summary>
    AddressRefused,

    /// <summary>The host could not be connected to, or broke off.</summary>
    Disconnected,

    /// <summary>The host's certificate is not one that this machine trusts, or it spoke no TLS.</summary>
    Untrusted,

    /// <summary>Nothing was sent, for the endpoint was disabled meanwhile.</summary>
    EndpointDisabled,

    /// <summary>The node was asked to stop.</summary>
    Stopped,

    /// <summary>The node could not make or send the message.</summary>
    HostFault,
}
