namespace Lazaret.Node.Http.Bodies;

/// <summary>What became of reading a body. The set is closed.</summary>
internal abstract record BodyReading
{
    private BodyReading()
    {
    }

    public sealed record Whole(ReadOnlyMemory<byte> Bytes) : BodyReading;

    public sealed record Refused(BodyRefusal Refusal) : BodyReading;
}
