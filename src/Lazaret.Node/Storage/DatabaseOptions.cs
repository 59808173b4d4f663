using Lazaret.Node.Configuration;

namespace Lazaret.Node.Storage;

/// <summary>
/// Which database keeps the jobs, their results and the audit. The connection string <c>ConnectionStrings:Lazaret</c> overrides SQLite's file
/// in the state folder, and PostgreSQL needs it.
/// </summary>
public sealed record DatabaseOptions
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    /// <summary>The database. sqlite; sqlite or postgres.</summary>
    public string Provider { get; init; } = Sqlite;

    /// <summary>Whether <c>serve</c> applies migrations itself. true; true or false.</summary>
    public bool AutoMigrate { get; init; } = true;

    internal void Check(OptionFaults faults) => faults.OneOf("Database:Provider", Provider, Sqlite, Postgres);
}
