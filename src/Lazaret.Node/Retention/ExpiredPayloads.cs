using Lazaret.Node.Jobs;

namespace Lazaret.Node.Retention;

/// <summary>How much of a kind has expired; <paramref name="Bytes"/> as stored.</summary>
internal sealed record ExpiredPayloads(PayloadName Name, int Records, long Bytes);
