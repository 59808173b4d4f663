using Lazaret.Node.Configuration;

namespace Lazaret.Node.Audit;

/// <summary>How often the audit's chain is signed, under which key, and where copies of the signatures go.</summary>
public sealed record AuditOptions
{
    /// <summary>The file of the key that signs checkpoints, which its owner alone may read. audit-key.pem; a path, relative to the state folder.</summary>
    public string KeyFile { get; init; } = "audit-key.pem";

    /// <summary>Entries after which a checkpoint is signed. 1000; 1 to 1000000.</summary>
    public int CheckpointEntries { get; init; } = 1000;

    /// <summary>Seconds after which new entries are signed, however few they are. 60; 1 to 86400.</summary>
    public int CheckpointSeconds { get; init; } = 60;

    /// <summary>The file to which each checkpoint of this node is appended, a line of JSON each; empty for none. audit-checkpoints.ndjson; a path, relative to the state folder.</summary>
    public string CheckpointFile { get; init; } = "audit-checkpoints.ndjson";

    /// <summary>Whether each checkpoint is also sent to the machine's syslog (/dev/log). false; true or false.</summary>
    public bool CheckpointSyslog { get; init; }

    /// <summary>The http or https address of a time-stamping authority (RFC 3161) that stamps each checkpoint; empty for none.</summary>
    public string TimestampUrl { get; init; } = "";

    internal void Check(OptionFaults faults)
    {
        if (string.IsNullOrWhiteSpace(KeyFile))
            faults.Add("Audit:KeyFile", "is empty: name a file");
        faults.Range("Audit:CheckpointEntries", CheckpointEntries, 1, 1_000_000);
        faults.Range("Audit:CheckpointSeconds", CheckpointSeconds, 1, 86_400);
        if (TimestampUrl.Length > 0 && !(Uri.TryCreate(TimestampUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            faults.Add("Audit:TimestampUrl", $"'{TimestampUrl}' is no http or https address");
    }
}
