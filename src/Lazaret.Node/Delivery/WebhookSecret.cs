namespace Lazaret.Node.Delivery;

/// <summary>A secret that a requester's deliveries are signed with. The newest has no end; an older one has it from its rotation.</summary>
public sealed class WebhookSecret
{
    public required Guid Id { get; init; }

    public required string Requester { get; init; }

    /// <summary>The text <c>whsec_…</c>, sealed.</summary>
    public required byte[] Content { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it signs.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}
