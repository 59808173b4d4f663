namespace Lazaret.Tests.Conformance;

public sealed class SandboxProcessTests() : SandboxConformance("process");
