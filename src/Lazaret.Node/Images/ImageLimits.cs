namespace Lazaret.Node.Images;

/// <summary>How much an image may hold before it is refused. What it claims to hold counts as well as what it does.</summary>
internal sealed record ImageLimits
{
    /// <summary>Of all files, and of all layers unpacked, each.</summary>
    public long Bytes { get; init; } = 8L << 30;

    /// <summary>Of all layers together.</summary>
    public int Entries { get; init; } = 500_000;

    /// <summary>Folders above a file.</summary>
    public int Depth { get; init; } = 64;

    public int Layers { get; init; } = 128;

    /// <summary>What a compressed byte may become, on average, once a layer is larger than <see cref="RatioFrom"/>.</summary>
    public int Ratio { get; init; } = 100;

    public long RatioFrom { get; init; } = 64L << 20;
}
