namespace Lazaret.Node.Delivery;

/// <summary>What became of the wish to deliver again. The set is closed.</summary>
internal abstract record Redelivery
{
    public sealed record Due : Redelivery;

    /// <summary>The endpoint is to be enabled first.</summary>
    public sealed record Disabled(Guid Endpoint) : Redelivery;
}
