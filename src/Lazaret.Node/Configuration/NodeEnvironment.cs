namespace Lazaret.Node.Configuration;

/// <summary>
/// Where the node runs, from <c>ASPNETCORE_ENVIRONMENT</c> or <c>DOTNET_ENVIRONMENT</c>. Unlike elsewhere, unset means
/// Development: Production demands authentication and isolation, and whoever wants it says so.
/// </summary>
public sealed record NodeEnvironment(string Name)
{
    public static NodeEnvironment Current { get; } = new(
        Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Development);

    public bool IsProduction => Name.Equals(Environments.Production, StringComparison.OrdinalIgnoreCase);
}
