namespace Lazaret.Tests.Conformance;

/// <summary>The row of the table in docs/sandboxes.md whose attempt a test makes, on every backend.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ThreatAttribute(string row) : Attribute
{
    public string Row => row;
}
