using Lazaret.Node.Configuration;

namespace Lazaret.Node.Storage;

/// <summary>Where the truth lies. The connection string <c>ConnectionStrings:Lazaret</c> overrides the file in the state folder.</summary>
public sealed record DatabaseOptions
{
    /// <summary>The database. sqlite; sqlite.</summary>
    public string Provider { get; init; } = "sqlite";

    /// <summary>Whether <c>serve</c> applies migrations itself. true; true or false.</summary>
    public bool AutoMigrate { get; init; } = true;

    internal void Check(OptionFaults faults) => faults.OneOf("Database:Provider", Provider, "sqlite");
}
