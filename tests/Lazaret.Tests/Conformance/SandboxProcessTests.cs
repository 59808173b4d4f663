namespace Lazaret.Tests.Conformance;

[Collection(nameof(SandboxConformance))]
public sealed class SandboxProcessTests() : SandboxConformance("process");
