using Lazaret.Node.Configuration;

namespace Lazaret.Node.Sandboxes.Oci;

/// <summary>Section <c>Lazaret:Sandbox:Oci</c>.</summary>
public sealed record OciOptions
{
    private static readonly OciRuntime[] Known = [OciRuntime.Crun, OciRuntime.Runc];

    /// <summary>The runtime of the backend <c>oci</c>: <c>auto</c> (the default: the first of the others that works here), <c>crun</c>, <c>runc</c>.</summary>
    public string Runtime { get; init; } = SandboxBackends.Auto;

    internal IReadOnlyList<OciRuntime> Candidates => [.. Known.Where(runtime => Runtime == SandboxBackends.Auto || Runtime == runtime.Name)];

    internal void Check(OptionFaults faults) =>
        faults.OneOf("Sandbox:Oci:Runtime", Runtime, [SandboxBackends.Auto, .. Known.Select(runtime => runtime.Name)]);
}
