using System.Net.Security;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Http.Tls;

/// <summary>
/// The node's certificate, which is renewed while the node runs: its files are looked at before a handshake, at most every two seconds. What cannot
/// be used is logged once, and the certificate before it stays.
/// </summary>
internal sealed partial class ServerCertificate(TlsOptions options, TimeProvider time, ILogger<ServerCertificate> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Lock _reading = new();
    // Where TLS is not set, there are no files to name.
    private readonly Lazy<CertificateFiles> _files = new(() => new CertificateFiles(options, time));
    private volatile SslStreamCertificateContext? _current;
    private (FileStamp?, FileStamp?) _read;
    private (FileStamp?, FileStamp?) _refused;
    private volatile string? _fault;
    private long _looked;

    /// <summary>Reads the files for the first time.</summary>
    /// <inheritdoc cref="CertificateFiles.Read" path="/exception"/>
    public void Load()
    {
        lock (_reading)
        {
            (_read, _looked) = (_files.Value.Stamp, time.GetTimestamp());
            _current = _files.Value.Read();
        }
    }

    /// <summary>The certificate of the next connection.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            // While another thread reads the files, this one takes the certificate as it is.
            if (_reading.TryEnter())
            {
                try
                {
                    if (time.GetElapsedTime(_looked) >= Pause)
                        Renew();
                }
                finally
                {
                    _reading.Exit();
                }
            }

            return _current ?? throw new InvalidOperationException("the certificate was not loaded");
        }
    }

    /// <summary>Why the files that lie there now cannot be used, so that the certificate before them stays until the process ends; null where they can.</summary>
    public string? Fault => _fault;

    /// <summary>How long the certificate is valid still; null in a process that listens on no https address.</summary>
    public TimeSpan? Remaining => _current is null ? null : Current.TargetCertificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;

    private void Renew()
    {
        _looked = time.GetTimestamp();
        // Taken before the files are read: what changes meanwhile is seen the next time.
        var stamp = _files.Value.Stamp;
        if (stamp == _read)
        {
            // Also where the old files were put back.
            _fault = null;
            return;
        }

        try
        {
            _current = _files.Value.Read();
            _read = stamp;
            _fault = null;
            LogRenewed(_current.TargetCertificate.Subject, _current.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            if (stamp != _refused)
                LogKept(e.Message);
            _refused = stamp;
            _fault = e.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The node's certificate was renewed: {Subject}, valid until {Until:u}")]
    private partial void LogRenewed(string subject, DateTime until);

    [LoggerMessage(Level = LogLevel.Error, Message = "The node's new certificate cannot be used, and the old one stays: {Why}")]
    private partial void LogKept(string why);
}
