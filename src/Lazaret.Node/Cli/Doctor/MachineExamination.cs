using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Lazaret.Cohort.Files;
using Lazaret.Node.Audit;
using Lazaret.Node.Backups;
using Lazaret.Node.Health;
using Lazaret.Node.Http;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Cli.Doctor;

/// <summary>Looks at the machine: its disk, limits, clock, and what its kernel lets an ordinary user do.</summary>
internal static class MachineExamination
{
    private const string AppArmor = "kernel.apparmor_restrict_unprivileged_userns";
    private const string Unit = "lazaret-work.service";
    private static readonly string[] UnitFolders = ["/etc/systemd/system", "/usr/lib/systemd/system"];

    /// <summary>Whether the node's units are installed, and this process is none of systemd's.</summary>
    public static bool IsBesideUnits => HasUnits && Environment.GetEnvironmentVariable("INVOCATION_ID") is null;

    private static bool HasUnits => UnitFolders.Any(folder => File.Exists(Path.Combine(folder, Unit)));

    public static IEnumerable<Finding> Disks(StateFolder state, ReadinessChecks checks)
    {
        foreach (var (what, name, path) in new[] { ("disk of the state folder", ReadinessChecks.DiskOfState, state.Root), ("disk of temporary files", "", Path.GetTempPath()) })
        {
            var mend = $"make room: old backups and logs first (journalctl --vacuum-size=100M), for a database needs room to delete; then 'lazaret purge' and 'lazaret compact'. Or move the folder to a larger disk: df {path}";
            if (FreeDisk.Of(path) is not { } free)
            {
                yield return Finding.No(what, $"{path}: its free room cannot be told", $"df {path}");
                continue;
            }

            var room = $"{path}: {free.Bytes >> 20} of {free.Total >> 20} MiB are free";
            var check = checks.Disk(path);
            yield return check.Ok && Attention.IsShort(free) ? Finding.No(what, $"has little room: {room}", mend, needed: false) : Finding.Of(what, name, check, room, mend);
        }
    }

    /// <summary>Whether the service's user, to whom the state folder belongs, can write what is in it. What root left there, the service cannot.</summary>
    public static Finding Writable(StateFolder state, ReadinessChecks checks)
    {
        const string What = "state writable";
        if (LinuxCalls.StatusOfEntry(state.Root) is not { } root)
            return Finding.Yes(What, "none yet: the first start makes it");
        var foreign = Entries(state.Root).Where(path => LinuxCalls.StatusOfEntry(path) is { } entry && entry.User != root.User).ToList();
        if (foreign.Count > 0)
            return Finding.No(What, $"{foreign[0]}{(foreign.Count == 1 ? " does" : $" and {foreign.Count - 1} more do")} not belong to user {root.User}, as the state folder does: its service cannot write there", $"chown -R {root.User} {state.Root}");
        // Keys may be closed to their owner's writing, and what the node writes may not. SQLite makes the files beside its database with the rights of that one.
        var closed = ((string[])["lazaret.db*", "audit-checkpoints.*"]).SelectMany(pattern => Directory.EnumerateFiles(state.Root, pattern))
            .Where(path => LinuxCalls.StatusOfEntry(path)?.Permissions.HasFlag(UnixFileMode.UserWrite) == false).ToList();
        if (closed.Count > 0)
        {
            var opened = closed.Select(path => path.StartsWith(state.Database, StringComparison.Ordinal) ? $"{state.Database}*" : path).Distinct();
            return Finding.No(What, $"{closed[0]}{(closed.Count == 1 ? "" : $" and {closed.Count - 1} more")} may not be written by user {root.User}, as whom the node runs", $"chmod u+rw {string.Join(' ', opened)}");
        }

        if (root.User == 0 && HasUnits)
            return Finding.No(What, $"{state.Root} belongs to root, and {Unit}, which runs as user lazaret, could not open it", $"chown -R lazaret:lazaret {state.Root}, unless root runs the node here", needed: false);
        return Finding.Of(
            What,
            ReadinessChecks.State,
            checks.Writable(state),
            $"by user {root.User}, and all that is in it",
            $"make room (df -i {state.Root}), mount the disk for writing (mount -o remount,rw), or: chown -R {root.User} {state.Root} && chmod 700 {state.Root}");
    }

    /// <summary>Of a database that answers.</summary>
    /// <param name="isSaid">Whether the database's own line says already that something is wrong with it.</param>
    public static async Task<IReadOnlyList<Finding>> DatabaseAsync(IServiceProvider services, bool isSaid, CancellationToken cancellationToken)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        if (db is SqliteLazaretDb { File: var file } && !File.Exists(file))
            return [];
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
            var began = Stopwatch.GetTimestamp();
            await db.Database.ExecuteSqlAsync($"SELECT 1", cancellationToken);
            var took = Stopwatch.GetElapsedTime(began);
            var isUpToDate = await DatabaseExamination.IsUpToDateAsync(services, cancellationToken) == true;
            var seen = isUpToDate ? await services.GetRequiredService<DatabaseProbe>().LookAsync(db, cancellationToken) : new DatabaseProbe.Seen(Fault: null, TimeSpan.Zero);
            var backup = isUpToDate ? await LastBackup.ReadAsync(db, cancellationToken) : null;
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            var age = now - backup;
            // A database is as old as the first entry of its audit.
            var first = isUpToDate && backup is null ? await db.Audit.OrderBy(entry => entry.Sequence).Select(entry => (DateTimeOffset?)entry.At).FirstOrDefaultAsync(cancellationToken) : null;
            return
            [
                Finding.Of(
                    "last backup",
                    age is null ? "there never was one of this database" : age > Attention.Backup ? string.Create(CultureInfo.InvariantCulture, $"is {age.Value.TotalDays:F1} days old") : null,
                    string.Create(CultureInfo.InvariantCulture, $"{backup?.UtcDateTime:u}"),
                    "lazaret backup FILE, and each night: systemctl enable --now lazaret-backup.timer",
                    // Of a database that is new, the first one need not be there yet.
                    needed: (age ?? now - first) > Attention.Backup),
                Finding.Of("database latency", took < Attention.Query ? null : string.Create(CultureInfo.InvariantCulture, $"a query took {took.TotalMilliseconds:F0} ms"), string.Create(CultureInfo.InvariantCulture, $"{took.TotalMilliseconds:F1} ms"), "look at the database's machine (load, disk), and at the network to it: ping HOST", needed: false),
                Finding.Of("clock", ReadinessChecks.Clock, ReadinessChecks.ClockBy(seen.Skew), string.Create(CultureInfo.InvariantCulture, $"{seen.Skew.TotalMilliseconds:F0} ms before the database's"), "timedatectl set-ntp true (on every machine of the node)"),
                .. await BackupProgramsAsync(db, cancellationToken),
                Finding.Of("database writable", ReadinessChecks.Database, Check.Of(seen.Fault), "it takes what is written", "let ConnectionStrings:Lazaret name the primary server"),
            ];
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            return isSaid ? [] : [Finding.No("database readable", DatabaseWords.Of(e), db is SqliteLazaretDb ? DatabaseWords.Replace : "look at the server's own log: journalctl -u postgresql") with { Check = ReadinessChecks.Database }];
        }
    }

    // A node of another machine may make the backups.
    private static async Task<IReadOnlyList<Finding>> BackupProgramsAsync(LazaretDb db, CancellationToken cancellationToken) => db.Database.GetDbConnection() is NpgsqlConnection { PostgreSqlVersion.Major: var server }
        ? [Finding.Of("backup programs", await PostgresPrograms.FaultAsync(server, cancellationToken), $"pg_dump and pg_restore for a server of version {server}", $"apt-get install postgresql-client-{server}", needed: false)]
        : [];

    public static IEnumerable<Finding> Limits(HttpOptions http)
    {
        var limits = File.ReadAllLines("/proc/self/limits");
        // A connection is a descriptor; runs, the database and libraries take some more.
        var files = http.MaxConnections + 512L;
        yield return Limit("open files", "Max open files", files, LimitMend($"LimitNOFILE={Math.Max(files, 65_536)}", $"ulimit -n {files}"));
        yield return Limit("processes", "Max processes", 1024, LimitMend("LimitNPROC=infinity", "ulimit -u 4096"));

        Finding Limit(string what, string name, long needed, string mend)
        {
            var soft = limits.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0];
            var isEnough = !long.TryParse(soft, CultureInfo.InvariantCulture, out var most) || most >= needed;
            return Finding.Of(what, isEnough ? null : $"at most {soft}, and this configuration may need {needed}", $"at most {soft}", mend);
        }
    }

    // They are this process's own: of a service its unit sets them, of a shell the shell.
    private static string LimitMend(string setting, string shell) => HasUnits
        ? $"for unit in lazaret-api lazaret-work; do mkdir -p /etc/systemd/system/$unit.service.d && printf '[Service]\\n{setting}\\n' >/etc/systemd/system/$unit.service.d/limits.conf; done && systemctl daemon-reload && systemctl restart lazaret-api lazaret-work (in a shell: {shell})"
        : shell;

    /// <summary>What an ordinary user's sandboxes need of the kernel. They matter to no node whose sandbox works.</summary>
    /// <param name="needed">Whether no sandbox works here.</param>
    public static IEnumerable<Finding> Kernel(bool needed)
    {
        needed = needed && !Environment.IsPrivilegedProcess;
        yield return Sysctl("user.max_user_namespaces", value => value > 0, "sysctl -w user.max_user_namespaces=15000", needed);
        yield return Sysctl("kernel.unprivileged_userns_clone", value => value == 1, "sysctl -w kernel.unprivileged_userns_clone=1", needed);
        var restricts = Sysctl(AppArmor, value => value == 0, $"install -m 644 {Shipped.File("deploy/apparmor/lazaret")} /etc/apparmor.d/ && apparmor_parser -r /etc/apparmor.d/lazaret (its head says what to change for 'userns'), or: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0", needed);
        yield return restricts;
        var isOn = File.Exists("/sys/module/apparmor/parameters/enabled") && File.ReadAllText("/sys/module/apparmor/parameters/enabled").StartsWith('Y');
        yield return Finding.Of(
            "apparmor",
            isOn && !restricts.Ok && IsConfined() == false ? "is on, restricts user namespaces, and no profile of the node confines this program" : null,
            isOn ? IsConfined() switch { true => "is on, with the node's profile", false => "is on, and confines this program by no profile, which is optional", null => "is on; whether a profile confines this program cannot be told" } : "is off: a second wall less (docs/sandboxes.md)",
            restricts.Mend,
            needed);
    }

    // The profile is of a program's path. One that is loaded for another path confines nothing, and this process is of the node's own program.
    private static bool? IsConfined()
    {
        try
        {
            return File.ReadAllText("/proc/self/attr/current").StartsWith("lazaret", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Finding Sysctl(string name, Predicate<long> isFine, string mend, bool needed)
    {
        var what = $"sysctl {name}";
        try
        {
            var text = File.ReadAllText($"/proc/sys/{name.Replace('.', '/')}").Trim();
            return Finding.Of(what, isFine(long.Parse(text, CultureInfo.InvariantCulture)) ? null : $"is {text}: an ordinary user may make no user namespaces", $"is {text}", mend, needed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Yes(what, "this kernel does not have it", needed: false);
        }
    }

    // What is in an image may belong to others: its program only reads it.
    private static IEnumerable<string> Entries(string root) => Directory.EnumerateFileSystemEntries(root)
        .Concat(((string[])["cohort", "models"]).Select(folder => new DirectoryInfo(Path.Combine(root, folder))).Where(folder => folder.Exists && !AccessRight.IsReadRefused(folder.FullName)).SelectMany(folder => folder.EnumerateFileSystemInfos()).Select(entry => entry.FullName));
}
