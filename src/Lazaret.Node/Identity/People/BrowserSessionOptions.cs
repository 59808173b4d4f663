using Lazaret.Node.Configuration;

namespace Lazaret.Node.Identity.People;

/// <summary>How long a person stays signed in.</summary>
public sealed record BrowserSessionOptions
{
    /// <summary>Minutes without a request after which a session is over. 15; 1 to 1440.</summary>
    public int IdleMinutes { get; init; } = 15;

    /// <summary>Hours after which a session is over, whatever happens in it. 8; 1 to 168.</summary>
    public int AbsoluteHours { get; init; } = 8;

    internal TimeSpan Idle => TimeSpan.FromMinutes(IdleMinutes);

    internal TimeSpan Absolute => TimeSpan.FromHours(AbsoluteHours);

    internal void Check(OptionFaults faults)
    {
        faults.Range("Auth:Session:IdleMinutes", IdleMinutes, 1, 1440);
        faults.Range("Auth:Session:AbsoluteHours", AbsoluteHours, 1, 168);
    }
}
