using System.Security.Cryptography.X509Certificates;
using Lazaret.Cohort.Files;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>
/// The revocation lists of the configured files, read again when a file changes. Once any is configured, a certificate counts only if a list of its
/// authority is in force: a list that is missing or out of date refuses, and never admits.
/// </summary>
internal sealed partial class RevocationLists(MtlsOptions options, CertificateAuthorities authorities, TimeProvider time, ILogger<RevocationLists> logger)
{
    private const int MaxBytes = 64 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _looking = new();
    private readonly Source[] _sources = [.. options.Crl.Select(path => new Source(Path.GetFullPath(path)))];
    private long? _looked;
    private string? _said;

    /// <summary>Null, or why the certificate is refused.</summary>
    public string? FaultOf(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        if (_sources.Length == 0)
            return null;
        var (lists, now) = (Current().Where(list => list.IsOf(issuer)).ToList(), time.GetUtcNow());
        if (lists.Any(list => list.Contains(certificate)))
            return "was revoked by its authority";
        var faults = lists.Select(list => list.FaultAt(now)).ToList();
        if (faults.Contains(null))
            return null;
        // Said to the operator, too.
        Fault();
        return $"cannot be checked: {(faults.Count == 0 ? "the node has no revocation list of its authority" : $"the revocation list of its authority {faults[^1]}")}";
    }

    /// <summary>Null, or what the operator must mend: until then certificates are refused that could be good.</summary>
    public string? Fault()
    {
        if (_sources.Length == 0)
            return null;
        var (lists, now) = (Current(), time.GetUtcNow());
        var faults = _sources.Where(source => source.Fault is not null).Select(source => $"{source.Path}: {source.Fault}").ToList();
        foreach (var authority in authorities.All)
        {
            var own = lists.Where(list => list.IsOf(authority)).Select(list => list.FaultAt(now)).ToList();
            if (own.Count == 0)
                faults.Add($"Lazaret:Auth:Mtls:Crl: there is no revocation list of {authority.Subject}: client certificates that it issued are refused");
            else if (!own.Contains(null))
                faults.Add($"the revocation list of {authority.Subject} {own[^1]}: client certificates that it issued are refused until there is a newer one");
        }

        var fault = faults.Count == 0 ? null : string.Join("; ", faults);
        var before = Interlocked.Exchange(ref _said, fault);
        if (fault is not null && fault != before)
            LogFault(fault);
        else if (fault is null && before is not null)
            LogMended();
        return fault;
    }

    private List<RevocationList> Current()
    {
        lock (_looking)
        {
            if (_looked is not { } looked || time.GetElapsedTime(looked) >= Pause)
            {
                _looked = time.GetTimestamp();
                foreach (var source in _sources)
                    source.Look(authorities);
            }

            return [.. _sources.SelectMany(source => source.Lists)];
        }
    }

    /// <summary>One file. While a new content of it cannot be used, the lists before it stay, for as long as they are in force.</summary>
    private sealed class Source(string path)
    {
        private FileStamp? _stamp;
        private bool _isRead;

        public string Path => path;

        public IReadOnlyList<RevocationList> Lists { get; private set; } = [];

        public string? Fault { get; private set; }

        public void Look(CertificateAuthorities authorities)
        {
            // Taken before the file is read: what changes meanwhile is seen the next time.
            var stamp = FileStamp.Of(path);
            if (_isRead && stamp == _stamp)
                return;
            (_stamp, _isRead) = (stamp, true);
            try
            {
                Lists = RevocationList.Read(RegularFile.ReadAllBytes(path, MaxBytes), authorities);
                Fault = null;
            }
            catch (InputException e)
            {
                Fault = e.Message;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                Fault = "there is no such file";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegularFileException or FormatException)
            {
                Fault = $"cannot be read: {e.Message}";
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Client certificates are not all taken: {Why}")]
    private partial void LogFault(string why);

    [LoggerMessage(LogLevel.Warning, "The revocation lists are in force again")]
    private partial void LogMended();
}
