using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Lazaret.Cohort.Files;
using Lazaret.Node.Linux;
using Npgsql;

namespace Lazaret.Node.Backups;

/// <summary>PostgreSQL's own programs for copies: pg_dump and pg_restore. The password goes into their environment, which only this user and root can read, and never to their arguments.</summary>
internal static partial class PostgresPrograms
{
    // Where Debian has each version's; the wrapper in /usr/bin would choose by clusters of this machine.
    private const string Versions = "/usr/lib/postgresql";

    /// <summary>Dumps the whole database in the custom format, as it is in an exported snapshot.</summary>
    /// <exception cref="MissingException">There is no pg_dump, or it cannot dump this server.</exception>
    public static Task DumpAsync(string connection, string snapshot, string file, CancellationToken cancellationToken) => RunAsync(
        "pg_dump", connection, ["--no-password", "--format=custom", $"--snapshot={snapshot}", $"--file={file}"], Stream.Null, cancellationToken);

    /// <summary>Why this machine cannot dump a server of this version; null where it can.</summary>
    public static async Task<string?> FaultAsync(int server, CancellationToken cancellationToken)
    {
        try
        {
            // pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)
            var said = await RunAsync("pg_dump", connection: null, ["--version"], Stream.Null, cancellationToken);
            return int.TryParse(said.Split(' ').ElementAtOrDefault(2)?.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version >= server ? null
                : $"{PlainText.Line(said.Trim())} dumps no server of version {server}";
        }
        catch (MissingException e)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// Restores a dump into a database that holds none of its tables, wholly or not at all. Extensions, such as pg_stat_statements, are left to the server's
    /// administrator: no table of Lazaret's needs one, and making one or commenting on it is a superuser's right.
    /// </summary>
    /// <exception cref="MissingException">It was not restored.</exception>
    public static async Task RestoreAsync(string connection, Func<Stream> dump, CancellationToken cancellationToken)
    {
        string entries;
        await using (var all = dump())
            entries = await RunAsync("pg_restore", connection: null, ["--list"], all, cancellationToken);
        var folder = Directory.CreateTempSubdirectory("lazaret-restore-");
        try
        {
            var list = Path.Combine(folder.FullName, "entries");
            await File.WriteAllLinesAsync(list, entries.Split('\n').Where(entry => !OfExtension().IsMatch(entry)), cancellationToken);
            await using var tables = dump();
            await RunAsync(
                "pg_restore",
                connection,
                ["--no-password", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", $"--use-list={list}", $"--dbname={new NpgsqlConnectionStringBuilder(connection).Database}"],
                tables,
                cancellationToken);
        }
        finally
        {
            FolderDeletion.Delete(folder.FullName);
        }
    }

    /// <summary>Reads a whole dump; the migrations that were applied to its database.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    /// <exception cref="MissingException">There is no pg_restore.</exception>
    public static async Task<IReadOnlyList<string>> ReadMigrationsAsync(Func<Stream> dump, CancellationToken cancellationToken)
    {
        _ = Find("pg_restore");
        try
        {
            await using (var all = dump())
                await RunAsync("pg_restore", connection: null, ["--file=/dev/null"], all, cancellationToken);
            await using var history = dump();
            // COPY's text: one migration per line, its id up to the tab.
            var rows = await RunAsync("pg_restore", connection: null, ["--data-only", "--table=__EFMigrationsHistory", "--file=-"], history, cancellationToken);
            return [.. rows.Split('\n').SkipWhile(line => !line.StartsWith("COPY ", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line != @"\.").Select(line => line.Split('\t')[0])];
        }
        catch (MissingException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    // A line of --list: 2; 3079 16385 EXTENSION - pg_stat_statements
    [GeneratedRegex(@"^\d+; \d+ \d+ (EXTENSION|COMMENT - EXTENSION) ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfExtension();

    private static async Task<string> RunAsync(string name, string? connection, IEnumerable<string> arguments, Stream input, CancellationToken cancellationToken)
    {
        var start = Tools.Start(Find(name), arguments);
        start.RedirectStandardInput = true;
        foreach (var (key, value) in connection is null ? [] : Variables(connection))
            start.Environment[key] = value;
        using var program = Process.Start(start)!;
        var output = program.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = program.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await SendAsync(input, program.StandardInput, cancellationToken);
            await program.WaitForExitAsync(cancellationToken);
        }
        catch
        {
            program.Kill(entireProcessTree: true);
            throw;
        }

        return program.ExitCode == 0 ? await output : throw new MissingException(Explain(name, await error));
    }

    private static async Task SendAsync(Stream input, StreamWriter program, CancellationToken cancellationToken)
    {
        var piece = new byte[128 << 10];
        for (int read; (read = await input.ReadAsync(piece, cancellationToken)) > 0;)
        {
            try
            {
                await program.BaseStream.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            }
            catch (IOException)
            {
                // It ended before it read all; what it says on stderr is why.
                return;
            }
        }

        program.Close();
    }

    private static string Explain(string name, string error)
    {
        const string Mismatch = "server version mismatch";
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var words = string.Join("; ", lines.Take(3).Select(PlainText.Line));
        return error.Contains(Mismatch, StringComparison.Ordinal)
            ? $"the server is newer than {name} ({words}): install postgresql-client of the server's version"
            : $"{name} failed: {(words.Length > 0 ? words : "it said nothing")}";
    }

    private static string Find(string name)
    {
        var newest = Directory.Exists(Versions)
            ? Directory.EnumerateDirectories(Versions)
                .Select(folder => (File: $"{folder}/bin/{name}", Version: int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0))
                .Where(found => File.Exists(found.File)).OrderBy(found => found.Version).LastOrDefault().File
            : null;
        return newest ?? (Tools.Missing(name).Any()
            ? throw new MissingException($"there is no {name} on this machine: install postgresql-client of the server's version")
            : name);
    }

    // https://www.postgresql.org/docs/current/libpq-envars.html
    private static IEnumerable<(string Name, string Value)> Variables(string connection)
    {
        var given = new NpgsqlConnectionStringBuilder(connection);
        return new (string Name, string? Value)[]
        {
            ("PGHOST", given.Host),
            ("PGPORT", given.Port.ToString(CultureInfo.InvariantCulture)),
            ("PGUSER", given.Username),
            ("PGDATABASE", given.Database),
            ("PGPASSWORD", given.Password),
            ("PGPASSFILE", given.Passfile ?? Environment.GetEnvironmentVariable("PGPASSFILE")),
            ("PGSSLMODE", given.SslMode switch { SslMode.VerifyCA => "verify-ca", SslMode.VerifyFull => "verify-full", var mode => $"{mode}".ToLowerInvariant() }),
            ("PGSSLROOTCERT", given.RootCertificate),
            ("PGSSLCERT", given.SslCertificate),
            ("PGSSLKEY", given.SslKey),
            ("PGCONNECT_TIMEOUT", given.Timeout.ToString(CultureInfo.InvariantCulture)),
            ("HOME", Environment.GetEnvironmentVariable("HOME")),
        }.Where(variable => !string.IsNullOrEmpty(variable.Value)).Select(variable => (variable.Name, variable.Value!));
    }
}
