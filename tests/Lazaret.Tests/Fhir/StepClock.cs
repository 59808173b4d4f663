namespace Lazaret.Tests.Fhir;

/// <summary>A clock on which a second passes between two looks at it.</summary>
internal sealed class StepClock : TimeProvider
{
    public int Looks { get; private set; }

    /// <summary>Called with the number of each look.</summary>
    public Action<int> At { get; init; } = _ => { };

    public override long TimestampFrequency => 1;

    public override long GetTimestamp()
    {
        At(++Looks);
        return Looks;
    }
}
