namespace Lazaret.Node.Configuration;

/// <summary>
/// Where the node runs, from <c>ASPNETCORE_ENVIRONMENT</c> or <c>DOTNET_ENVIRONMENT</c>. Unlike elsewhere, unset means
/// Development: Production demands authentication and isolation, and whoever wants it says so.
/// </summary>
public sealed record NodeEnvironment(string Name)
{
    public const string Variable = "DOTNET_ENVIRONMENT";
    public const string OlderVariable = "ASPNETCORE_ENVIRONMENT";

    public static NodeEnvironment Current { get; } = new(
        Environment.GetEnvironmentVariable(OlderVariable) ?? Environment.GetEnvironmentVariable(Variable) ?? Environments.Development);

    /// <summary>A name that was probably meant to be Production, and would switch its rules off.</summary>
    public string? Fault => !IsProduction && Name.Trim().StartsWith("prod", StringComparison.OrdinalIgnoreCase) ? $"{Variable}: '{Name}' is not {Environments.Production}, whose rules would not hold" : null;

    /// <summary>A name that is neither Development nor Production may be another program's: whoever set it may think that Production's rules hold.</summary>
    public string? Doubt => !IsProduction && !Name.Equals(Environments.Development, StringComparison.OrdinalIgnoreCase)
        ? $"the environment is '{Name}', and the rules of {Environments.Development} hold: only {Environments.Production} has others"
        : null;

    public bool IsProduction => Name.Equals(Environments.Production, StringComparison.OrdinalIgnoreCase);
}
