namespace SepsisNews2;

/// <summary>The ACVPU scale; the input carries the first letter.</summary>
public enum Consciousness
{
    Alert,
    NewConfusion,
    RespondsToVoice,
    RespondsToPain,
    Unresponsive,
}
