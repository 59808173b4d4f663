using Lazaret.Cohort.Store;
using Lazaret.Node.Backups;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Health;
using Lazaret.Node.Identity;
using Lazaret.Node.Storage;
using Lazaret.Node.WebConsole.Data;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.Ledger;
using Lazaret.Node.WebConsole.Parts;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.WebConsole.Home;

/// <summary>The state of the node: a badge for each part, and for each part that needs somebody the next step that this reader can take.</summary>
internal sealed class NodeBoard(
    IDbContextFactory<LazaretDb> databases, ReadinessExamination examination, AuditBoard audit, VolumeBoard volumes, CohortSite site, NodeRoleHere here, TimeProvider time) : IDisposable
{
    private const string Doctor = "lazaret doctor";

    private static readonly TimeSpan OldBackup = TimeSpan.FromDays(7);

    // Kept for a while, since it looks at every image.
    private readonly Lately<Readiness> _readiness = new(TimeSpan.FromSeconds(10), time, stop => examination.RunAsync(here.Role, stop));

    /// <summary>Whether this reader may know the state of the node.</summary>
    public static bool MaySee(Requester reader) => (reader.Roles & ~Roles.Requester) != Roles.None;

    public async Task<NodeStand> FindAsync(Requester reader, CancellationToken cancellationToken)
    {
        var (parts, todos) = (new List<NodePart>(), new List<Todo>());
        var readiness = await _readiness.GetAsync(cancellationToken);
        var data = site.Read(out _);
        var known = data is null ? null : volumes.Read(data);
        foreach (var (name, check) in ChecksOf(readiness))
        {
            var title = Words.Sentence(name.Replace('_', ' '));
            var why = check.Ok || SeesReasons(reader) ? check.Why : "The operator finds the cause with lazaret doctor, and in the node’s log.";
            if (name == ReadinessChecks.Data && check.Ok && LossOf(data, known) is { Length: > 0 } loss)
            {
                parts.Add(new(title, "hold", "Look", loss));
                continue;
            }

            parts.Add(new(title, check.Ok ? "ok" : check.Needed ? "bad" : "hold", check.Ok ? "Works" : "Look", why));
            if (!check.Ok)
                todos.Add(StepOf(name, title, readiness.NotReady.GetValueOrDefault(name) is { } all && SeesReasons(reader) ? all : why, reader));
        }

        // A process that only admits requests may be on a machine without the store.
        if (here.Role != NodeRole.Api && data is not null)
            parts.Add(known is null ? new("Cohort store", "hold", "Look", "not built yet: ingesting does it") : StoreOf(known, data.View.Rows.Count));
        await AddBackupAsync(parts, todos, reader, cancellationToken);
        AddChain(await audit.FindChainAsync(cancellationToken), parts, todos, reader);
        return new NodeStand(parts, todos);
    }

    /// <summary>What of the data takes no part, in a few words.</summary>
    private static string LossOf(CohortSnapshot? data, StoredVolumes? known) => string.Join("; ", new[]
    {
        data?.View.Faults.Total is > 0 and var faults ? Words.Of(faults, "fault") : null,
        known?.Count(VolumeState.Unusable) is > 0 and var unusable ? $"{Words.Of(unusable, "volume")} cannot be used" : null,
    }.OfType<string>());

    private static NodePart StoreOf(StoredVolumes known, int rows)
    {
        var unusable = known.Count(VolumeState.Unusable);
        var (kind, word) = known.Changed > 0 || unusable > 0 ? ("hold", "Look") : ("ok", "Works");
        return new("Cohort store", kind, word, $"{Words.Count(known.Count(VolumeState.Read))} of {Words.Count(rows)} volumes{(unusable > 0 ? $"; {Words.Count(unusable)} cannot be used" : "")}");
    }

    public void Dispose() => _readiness.Dispose();

    // The reasons name folders and settings.
    private static bool SeesReasons(Requester reader) => (reader.Roles & (Roles.Operator | Roles.Auditor)) != Roles.None;

    private static Todo StepOf(string check, string title, string why, Requester reader)
    {
        var (path, command, step) = check switch
        {
            ReadinessChecks.Data => (Chapter.Data.Path, null, "See the data"),
            ReadinessChecks.Images => (Chapter.Registry.Path, null, "See the programs"),
            _ when reader.Roles.HasFlag(Roles.Operator) => (null, Doctor, "says more"),
            _ => ((string?)null, (string?)null, "Tell an operator"),
        };
        return new($"{title} needs a look", why, path, step) { Command = command };
    }

    private async Task AddBackupAsync(List<NodePart> parts, List<Todo> todos, Requester reader, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var age = time.GetUtcNow() - await LastBackup.ReadAsync(db, cancellationToken);
        var isDue = age is null || age > OldBackup;
        parts.Add(new("Backup", isDue ? "hold" : "ok", isDue ? "Look" : "Works", age is { } old ? $"{Words.Waited(old)} old" : "there is none yet"));
        if (isDue && reader.Roles.HasFlag(Roles.Operator))
        {
            todos.Add(new(
                age is { } past ? $"The last backup is {Words.Waited(past)} old" : "There is no backup yet",
                age is null ? "Everything is in the database alone." : "What was asked, answered and charged since is in the database alone.",
                null,
                "makes one, while the node runs") { Command = "lazaret backup FILE" });
        }
    }

    private static void AddChain(ChainStand chain, List<NodePart> parts, List<Todo> todos, Requester reader)
    {
        var verified = chain.Verified is var (at, holds) ? $"verified {Words.Time(at)}: {(holds ? "unbroken" : "broken")}" : "not verified recently";
        var signed = chain.Signed is { } last ? $"signed up to link {Words.Count(last.Number)}, {Words.Time(DateTimeOffset.FromUnixTimeMilliseconds(last.Milliseconds))}" : "not signed yet";
        var unsigned = chain.IsOverdue ? $"; {Words.Count(chain.Unsigned)} later entries, the first of {Words.Time(chain.UnsignedSince!.Value)}, are not signed" : "";
        var isBroken = chain.Verified is { Holds: false };
        var (kind, word) = isBroken ? ("bad", "Broken") : chain.IsOverdue ? ("hold", "Look") : chain.Signed is null ? ("wait", "Begins") : ("ok", "Signed");
        parts.Add(new("Audit chain", kind, word, $"{signed}{unsigned}; {verified}"));
        if (!isBroken && !chain.IsOverdue)
            return;
        var (path, command, step) = (reader.Roles & (Roles.Steward | Roles.Auditor)) != Roles.None
            ? ($"{Chapter.Ledger.Path}#audit", null, "Verify the chain")
            : isBroken ? (null, "lazaret audit verify", "names the first bad entry") : ((string?)null, (string?)Doctor, "says more");
        var todo = isBroken
            ? new Todo("The audit chain is broken", "Keep the database as it is, and call the data protection officer.", path, step, IsUrgent: true)
            : new Todo("The audit is not signed any more", $"{Words.Count(chain.Unsigned)} entries wait, the first since {Words.Time(chain.UnsignedSince!.Value)}. The node’s log says why it does not sign.", path, step);
        todos.Add(todo with { Command = command });
    }

    /// <summary>Each check once. If several capabilities made it, one that failed is taken.</summary>
    private static SortedDictionary<string, Check> ChecksOf(Readiness readiness)
    {
        var checks = new SortedDictionary<string, Check>(StringComparer.Ordinal);
        foreach (var (name, check) in new[] { readiness.Admission, readiness.Cohort, readiness.Diagnosis }.Where(capability => capability.Used).SelectMany(capability => capability.Checks))
            if (!checks.TryGetValue(name, out var before) || before.Ok)
                checks[name] = check;
        return checks;
    }
}

/// <summary>The state of the node.</summary>
/// <param name="Parts">The node's parts, each with its badge.</param>
/// <param name="Todos">The next steps for the reader.</param>
internal sealed record NodeStand(IReadOnlyList<NodePart> Parts, IReadOnlyList<Todo> Todos)
{
    /// <summary>The answer for readers who may not know the node's state.</summary>
    public static readonly NodeStand Unknown = new([], []);
}
