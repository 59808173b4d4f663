using System.Globalization;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;
using Lazaret.Disclosure;
using Lazaret.Node.Linux;
using Lazaret.Node.Releases;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>
/// The data view as it now is: read again whenever one of its files or volumes has changed. Its files are touched on threads of their own, and nobody waits for ever
/// for those of a mount that does not answer.
/// </summary>
internal sealed partial class CohortSite
{
    /// <summary>What a requester is told; the reason names the machine's folders, and is for its operator.</summary>
    public const string NoData = "The site's data is not available at the moment.";

    /// <summary>What a requester is told where there never was any, and waiting is in vain.</summary>
    public const string NoCohort = "This node has no cohort.";

    /// <summary>How long callers wait that also serve others: probes, measurements, claims.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    /// <summary>How often the volumes are looked at.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    /// <summary>How long a command waits that has nothing else to do: a large view on a slow disk is read in minutes.</summary>
    public static readonly TimeSpan Leisure = TimeSpan.FromMinutes(10);

    private const int FaultsLogged = 20;
    private const int MaxPath = 200;
    private const string Volumes = "the volumes of the data view do";

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(30);

    private readonly DataOptions _options;
    private readonly DisclosureOptions _disclosure;
    private readonly StateFolder _state;
    private readonly TimeProvider _time;
    private readonly ILogger<CohortSite> _logger;
    private readonly PatientReader<Reading> _view;
    private readonly PatientReader<VolumesSeen> _volumes;
    private volatile Reading? _latest;
    private int _forgotten;
    private long _looked;

    public CohortSite(DataOptions options, DisclosureOptions disclosure, StateFolder state, TimeProvider time, ILogger<CohortSite> logger)
    {
        (_options, _disclosure, _state, _time, _logger) = (options, disclosure, state, time, logger);
        Directory = options.View.Length == 0 ? "" : Path.GetFullPath(options.View);
        _view = new PatientReader<Reading>(Look, time);
        _volumes = new PatientReader<VolumesSeen>(LookAtVolumes, time);
    }

    /// <summary>The view's folder, whether it exists or not.</summary>
    public string Directory { get; }

    /// <summary>Whether the site shares no data by choice: Data:View is empty, or it has its default and that folder does not exist.</summary>
    public bool IsUnused => Directory.Length == 0 || (_options == new DataOptions() && _view.TryRead(Soon, out var reading, out _) && reading!.IsNowhere);

    /// <summary>The view and its catalog, or null and why there is nothing to ask.</summary>
    public CohortSnapshot? Read(out string why) => Read(Usual, out why);

    /// <summary>The same.</summary>
    /// <param name="patience">How long to wait for files that do not answer.</param>
    public CohortSnapshot? Read(TimeSpan patience, out string why) => ReadAny(patience, out why) is { } snapshot && why.Length == 0 ? snapshot : null;

    /// <summary>The same, or a view whose tables have no rows yet: there nothing may be asked.</summary>
    public CohortSnapshot? ReadForCatalog() => ReadAny(Usual, out var why) is { } snapshot && (why.Length == 0 || snapshot.View is { Rows.Count: 0, Faults.Total: 0 }) ? snapshot : null;

    /// <summary>The volumes whose absence, or the missing right to read them, stops all questions, as the tables name them; empty when the reason is another. The names are patient data.</summary>
    public IReadOnlyList<string> ListAbsent() =>
        ReadAny(Usual, out _) is { View: var view, Volumes: var volumes } ? [.. (view.Rows.Count == 0 ? view.Absent : FindAbsent(view)).Union(FindRefused(view, volumes)).Select(row => row.VolumeName)] : [];

    /// <summary>Reads the tables anew at the next request, though no file seems to have changed: some file systems tell that late.</summary>
    public void Forget() => Interlocked.Increment(ref _forgotten);

    /// <summary>Whether the data view and every volume are still as in this snapshot. Checks each volume's file.</summary>
    public bool IsStill(CohortSnapshot data) => ReferenceEquals(Read(out _), data) && FaultOf(data) is null;

    /// <summary>Why a run on this snapshot may not begin: volumes that went away or changed since they were last checked. Null when it may. Checks each volume's file.</summary>
    public string? FaultOf(CohortSnapshot data)
    {
        if (!_volumes.TryRead(LongestLook, out var seen, out var since))
            return Silent(Volumes, since);
        return seen!.Refused > 0 ? Refused(seen.Refused) : seen.Gone > 0 ? Gone(seen.Gone) : seen.HaveChanged || !ReferenceEquals(seen.Snapshot, data) ? "the data view has changed, and is read again" : null;
    }

    private CohortSnapshot? ReadAny(TimeSpan patience, out string why)
    {
        if (Directory.Length == 0)
        {
            why = "none: Lazaret:Data:View is empty";
            return null;
        }

        if (!_view.TryRead(patience, out var reading, out var since))
        {
            why = Silent($"the data view at {Quoted.Bare(Directory, MaxPath)} does", since);
            return null;
        }

        why = reading!.Why;
        if (reading.Snapshot is null)
            return null;
        if (_volumes.Since is { } looking && _time.GetUtcNow() - looking > LongestLook)
            why = Silent(Volumes, looking);
        else if (_time.GetElapsedTime(Volatile.Read(ref _looked)) >= Fresh)
            _volumes.Begin();
        return reading.Snapshot;
    }

    // The same words for as long as it lasts.
    private static string Silent(string what, DateTimeOffset since) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} not answer, since {since:HH:mm:ss} UTC: see whether the server of its mount is there");

    private static string Gone(int volumes) => volumes == 1
        ? "1 volume that the cohort has is not there any more: mount its disk or put it back, or take its line out of paths.csv"
        : string.Create(CultureInfo.InvariantCulture, $"{volumes} volumes that the cohort has are not there any more: mount their disk or put them back, or take their lines out of paths.csv");

    // No file is named: a path may name a subject.
    private string Refused(int volumes) =>
        $"{(volumes == 1 ? "1 volume of the cohort may" : string.Create(CultureInfo.InvariantCulture, $"{volumes} volumes of the cohort may"))} not be read by user {LinuxCalls.User}, as whom this runs: {Opening}";

    /// <summary>The command that gives this user the right to read the view.</summary>
    private string Opening => $"chmod -R o+rX {Quoted.Bare(Directory, MaxPath)} (or chgrp -R GROUP and chmod -R g+rX, for a group that the user is in)";

    private Reading Look()
    {
        var (latest, forgotten) = (_latest, Volatile.Read(ref _forgotten));
        try
        {
            // Says what is wrong, where asking whether it exists would only say no.
            if (!File.GetAttributes(Directory).HasFlag(FileAttributes.Directory))
                throw new DirectoryNotFoundException();
            var fingerprint = Fingerprint();
            if (latest is null || latest.Fingerprint != fingerprint || latest.Forgotten != forgotten)
                _latest = latest = Open(fingerprint, forgotten);
            return latest;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && !System.IO.Directory.Exists(Directory))
        {
            return new Reading("", 0, null, $"there is no data view at {Quoted.Bare(Directory, MaxPath)}: set Lazaret:Data:View") { IsNowhere = true };
        }
        catch (UnauthorizedAccessException)
        {
            return new Reading("", 0, null, $"the data view may not be read by user {LinuxCalls.User}, as whom this runs: {Opening}");
        }
        catch (IOException e)
        {
            // A failed reading is not kept: the cause may be mended without a change of the fingerprint.
            return new Reading("", 0, null, $"the data view cannot be read: {e.Message}");
        }
    }

    private Reading Open(string fingerprint, int forgotten)
    {
        var view = DataView.Open(Directory, hostDirectory: null, _state.Root);
        var volumes = new VolumeStamps(view);
        Volatile.Write(ref _looked, _time.GetTimestamp());
        foreach (var fault in view.Faults.Take(FaultsLogged))
            LogFault(fault);
        LogRead(view.Rows.Count, view.Faults.Total);
        var snapshot = new CohortSnapshot(view, Catalog.Of(view, _disclosure.MinimumCohort, pinVisit: _disclosure.Has(DisclosureControlName.People)), view.Version(), volumes);
        return new Reading(fingerprint, forgotten, snapshot, WhyNot(view, volumes));
    }

    private string WhyNot(DataView view, VolumeStamps volumes)
    {
        // Also where only site.yaml cannot be read: without it nobody knows what may be asked.
        if (view.Unread is { } fault)
            return $"the data view cannot be read: {fault}";
        // The cohort does not shrink because a disk is not mounted, or closed to the node. Whoever takes somebody out of it takes out their lines.
        var gone = FindAbsent(view);
        if (FindRefused(view, volumes).Union(gone.Where(row => AccessRight.IsReadRefused(row.VolumePath))).Count() is > 0 and var refused)
            return Refused(refused);
        if (gone.Count > 0)
            return Gone(gone.Count);
        if (view is { Rows.Count: 0, Absent.Count: > 0 })
            return string.Create(CultureInfo.InvariantCulture, $"none of the {view.Absent.Count} volumes that paths.csv names is there: mount their disk; 'lazaret site check' lists them");
        if (view.Grid is null)
            return "the data view holds no volume that could be read: 'lazaret site check' says why";
        return view.Rows.Count == 0 ? "the tables of the data view join to no row: 'lazaret site check' says why" : "";
    }

    private IReadOnlyList<CohortRow> FindAbsent(DataView view) => FindKept(view.Absent);

    /// <summary>The volumes that this user may not read. Where none can be read or is there, each counts: nobody chose that.</summary>
    private IReadOnlyList<CohortRow> FindRefused(DataView view, VolumeStamps volumes) =>
        view.Grid is null ? [.. volumes.Refused, .. view.Rows.Count == 0 ? view.Absent.Where(row => AccessRight.IsReadRefused(row.VolumePath)) : []] : FindKept(volumes.Refused);

    /// <summary>Those of which the store holds the volume.</summary>
    private IReadOnlyList<CohortRow> FindKept(IReadOnlyList<CohortRow> rows)
    {
        if (rows.Count == 0)
            return [];
        try
        {
            using var store = CohortStore.Open(_state.CohortStore);
            return [.. rows.Where(store.Holds)];
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            // Without a store nobody knows what there was.
            return [];
        }
    }

    private VolumesSeen LookAtVolumes()
    {
        var (forgotten, snapshot) = (Volatile.Read(ref _forgotten), _latest?.Snapshot);
        var (gone, refused, haveChanged) = snapshot?.Volumes.Look() ?? (0, 0, false);
        if (haveChanged)
            Interlocked.CompareExchange(ref _forgotten, forgotten + 1, forgotten);
        Volatile.Write(ref _looked, _time.GetTimestamp());
        return new VolumesSeen(snapshot, gone, refused, haveChanged);
    }

    private string Fingerprint()
    {
        var files = ((string[])["", "masks", "parcellations"]).Select(folder => new DirectoryInfo(Path.Combine(Directory, folder))).Where(folder => folder.Exists).SelectMany(folder => folder.EnumerateFiles());
        return string.Join('|', files.OrderBy(file => file.FullName, StringComparer.Ordinal).Select(file => (file.FullName, Final: FinalFile.Of(file.FullName)))
            .Select(file => $"{file.FullName}:{(file.Final.Exists ? file.Final.Length : -1)}:{file.Final.LastWriteTimeUtc.Ticks}"));
    }

    /// <param name="Fingerprint">Of the files that it was read from.</param>
    /// <param name="Forgotten">How often readings had been forgotten when it began.</param>
    /// <param name="Snapshot">Null where the view cannot be read.</param>
    /// <param name="Why">Why nothing may be asked; empty where it may.</param>
    private sealed record Reading(string Fingerprint, int Forgotten, CohortSnapshot? Snapshot, string Why)
    {
        public bool IsNowhere { get; init; }
    }

    private sealed record VolumesSeen(CohortSnapshot? Snapshot, int Gone, int Refused, bool HaveChanged);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Data view: {Fault}")]
    private partial void LogFault(Fault fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "Data view read: {Rows} rows, {Faults} faults")]
    private partial void LogRead(int rows, int faults);
}
