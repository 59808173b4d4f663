namespace Lazaret.Node.Http.Bodies;

/// <summary>Carries a refusal out of the readers and writers of a body.</summary>
internal sealed class BodyRefusedException(BodyRefusal refusal) : Exception(refusal.Fault.Message)
{
    public BodyRefusal Refusal { get; } = refusal;
}
