using Lazaret.Node.Configuration;

namespace Lazaret.Node.Diagnoses.CdsHooks;

/// <summary>How CDS Hooks' clients are answered.</summary>
public sealed record CdsHooksOptions
{
    private const int MaxOrigins = 64;

    /// <summary>How long a call waits for its result, in seconds, before it is answered with a link to it. 10; 0 to 60.</summary>
    public int WaitSeconds { get; init; } = 10;

    /// <summary>Whether a call that lacks data is answered with a card that says so, in place of 412. false.</summary>
    public bool MissingAsCard { get; init; }

    /// <summary>The origins whose pages may call the services from a browser: <c>https://ehr.example</c>. None.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    internal TimeSpan Wait => TimeSpan.FromSeconds(WaitSeconds);

    /// <summary>A page of this origin may call this path.</summary>
    internal bool Takes(PathString path, string origin) =>
        path.StartsWithSegments("/cds-services", StringComparison.OrdinalIgnoreCase) && Origins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    internal void Check(OptionFaults faults)
    {
        faults.Range("CdsHooks:WaitSeconds", WaitSeconds, 0, 60);
        if (Origins.Count > MaxOrigins)
            faults.Add("CdsHooks:Origins", $"{Origins.Count} are more than {MaxOrigins}");
        foreach (var origin in Origins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.GetLeftPart(UriPartial.Authority) != origin)
                faults.Add("CdsHooks:Origins", $"'{origin}' is no origin: write it as a browser sends it, https://ehr.example or http://localhost:9000, in lower case, without a path");
        }
    }
}
