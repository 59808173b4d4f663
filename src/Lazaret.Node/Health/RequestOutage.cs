using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Health;

/// <summary>Requests that fail for want of the database or the disk: logged once, until <see cref="GaugeKeeper"/> has both again. Each request has its own line in the log, with its trace.</summary>
internal sealed class RequestOutage(ILogger<RequestOutage> logger)
{
    private readonly Outage _outage = new(logger, "Requests are answered 503, for the database or the state folder fails them");

    public void Failed(Exception cause) => _outage.Failed(cause);

    public void Passed() => _outage.Passed();
}
