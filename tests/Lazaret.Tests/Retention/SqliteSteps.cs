using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace Lazaret.Tests.Retention;

/// <summary>
/// Counts the instructions that SQLite carries out for each command on one database. They tell how much it reads, on a busy machine as on an idle one.
/// It must be there before the database's contexts: for a second, each of them remembers that nobody listened.
/// </summary>
internal sealed class SqliteSteps : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const int Every = 10;

    private readonly IDisposable _listeners;
    private readonly List<IDisposable> _subscriptions = [];
    private readonly List<(string Command, int Steps)> _found = [];
    private string? _database;
    private int _steps;

    public SqliteSteps() => _listeners = DiagnosticListener.AllListeners.Subscribe(this);

    /// <summary>The commands so far, in order.</summary>
    public IReadOnlyList<(string Command, int Steps)> Found => _found;

    /// <param name="database">Its file.</param>
    public void Watch(string database) => _database = Path.GetFullPath(database);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name)
            _subscriptions.Add(value.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // It hears of every database of the test run; one that is closed has no file.
        if (_database is null || value.Value is not CommandEventData { Command.Connection: SqliteConnection { DataSource: [_, ..] } connection } data || Path.GetFullPath(connection.DataSource) != _database)
            return;
        if (value.Key == RelationalEventId.CommandExecuting.Name)
        {
            _steps = 0;
            raw.sqlite3_progress_handler(connection.Handle, Every, _ => (_steps += Every) * 0, null);
        }
        else if (value.Key == RelationalEventId.CommandExecuted.Name)
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
            _found.Add((data.Command.CommandText, _steps));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error) => throw error;

    public void Dispose()
    {
        _listeners.Dispose();
        _subscriptions.ForEach(subscription => subscription.Dispose());
    }
}
