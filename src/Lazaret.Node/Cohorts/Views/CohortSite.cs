using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;
using Lazaret.Disclosure;
using Lazaret.Node.Releases;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>The data view as it now is: read again whenever one of its files has changed.</summary>
internal sealed partial class CohortSite(DataOptions options, DisclosureOptions disclosure, StateFolder state, ILogger<CohortSite> logger)
{
    /// <summary>What a requester is told; the reason names the machine's folders, and is for its operator.</summary>
    public const string NoData = "The site's data is not available at the moment.";

    /// <summary>What a requester is told where there never was any, and waiting is in vain.</summary>
    public const string NoCohort = "This node has no cohort.";

    private const int FaultsLogged = 20;
    private const int MaxPath = 200;

    private readonly Lock _choosing = new();
    private Reading? _latest;

    /// <summary>The view's folder, whether it exists or not.</summary>
    public string Directory { get; } = options.View.Length == 0 ? "" : Path.GetFullPath(options.View);

    /// <summary>Whether the site shares no data by choice: Data:View is empty, or it has its default and that folder does not exist.</summary>
    public bool IsUnused => Directory.Length == 0 || (options == new DataOptions() && !System.IO.Directory.Exists(Directory));

    /// <summary>The view and its catalog, or null and why there is nothing to ask.</summary>
    public CohortSnapshot? Read(out string why) => ReadAny(out why) is { } snapshot && why.Length == 0 ? snapshot : null;

    /// <summary>The same, or a view whose tables have no rows yet: there nothing may be asked.</summary>
    public CohortSnapshot? ReadForCatalog() => ReadAny(out var why) is { } snapshot && (why.Length == 0 || snapshot.View is { Rows.Count: 0, Faults.Total: 0 }) ? snapshot : null;

    /// <summary>Reads the tables anew at the next request, though no file seems to have changed: some file systems tell that late.</summary>
    public void Forget()
    {
        lock (_choosing)
            _latest = null;
    }

    private CohortSnapshot? ReadAny(out string why)
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            why = Directory.Length == 0 ? "none: Lazaret:Data:View is empty" : $"there is no data view at {Quoted.Bare(Directory, MaxPath)}: set Lazaret:Data:View";
            return null;
        }

        CohortSnapshot snapshot;
        try
        {
            snapshot = ReadNow();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"the data view cannot be read: {e.Message}";
            return null;
        }

        why = snapshot.View is { Unread: { } fault, Rows.Count: 0 } ? $"the data view cannot be read: {fault}"
            : snapshot.View.Grid is null
            ? "the data view holds no volume that could be read: 'lazaret site check' says why"
            : snapshot.View.Rows.Count == 0 ? "the tables of the data view join to no row: 'lazaret site check' says why" : "";
        return snapshot;
    }

    /// <summary>Reads the files outside the lock. Callers that come during a reading of the same files wait for it, and share its result.</summary>
    private CohortSnapshot ReadNow()
    {
        var fingerprint = Fingerprint();
        Reading reading;
        lock (_choosing)
        {
            if (_latest?.Fingerprint != fingerprint)
                _latest = new Reading(fingerprint, new Lazy<CohortSnapshot>(Open));
            reading = _latest;
        }

        try
        {
            return reading.Snapshot.Value;
        }
        catch
        {
            // A failed reading is not kept: the cause may be mended without a change of the fingerprint.
            Interlocked.CompareExchange(ref _latest, null, reading);
            throw;
        }
    }

    private CohortSnapshot Open()
    {
        var view = DataView.Open(Directory, hostDirectory: null, state.Root);
        foreach (var fault in view.Faults.Take(FaultsLogged))
            LogFault(fault);
        LogRead(view.Rows.Count, view.Faults.Total);
        return new CohortSnapshot(view, Catalog.Of(view, disclosure.MinimumCohort, pinVisit: disclosure.Has(DisclosureControlName.People)), view.Version());
    }

    private string Fingerprint()
    {
        var files = ((string[])["", "masks", "parcellations"]).Select(folder => new DirectoryInfo(Path.Combine(Directory, folder))).Where(folder => folder.Exists).SelectMany(folder => folder.EnumerateFiles());
        return string.Join('|', files.OrderBy(file => file.FullName, StringComparer.Ordinal).Select(file => (file.FullName, Final: FinalFile.Of(file.FullName)))
            .Select(file => $"{file.FullName}:{(file.Final.Exists ? file.Final.Length : -1)}:{file.Final.LastWriteTimeUtc.Ticks}"));
    }

    private sealed record Reading(string Fingerprint, Lazy<CohortSnapshot> Snapshot);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Data view: {Fault}")]
    private partial void LogFault(Fault fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "Data view read: {Rows} rows, {Faults} faults")]
    private partial void LogRead(int rows, int faults);
}
