using System.Text;

namespace Lazaret.Node.Keys;

/// <summary>The ring in an environment variable, which stays as it was when the process started.</summary>
internal sealed class EnvironmentKeys(string variable) : IKeyRingSource
{
    public string Place => $"the environment variable {variable}";

    public string HowToBegin => "'lazaret keys init --print' prints a new ring for it";

    public long Stamp => 0;

    public KeyRing Read() => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } ring
        ? KeyRing.Parse(Encoding.UTF8.GetBytes(ring), Place)
        : throw new MissingException($"there is no encryption key: {Place} is not set");
}
