using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>The parts that are around every page.</summary>
internal sealed class FrameDesk(SiteOptions site, CohortSite data, DisclosureOptions disclosure, ReviewDesk reviews, BrowserOrigin origin, AuthOptions auth)
{
    public string Site => site.Name;

    /// <summary>The address of this path in a browser. It has a prefix if a proxy serves the node below a path of its own.</summary>
    public string At(string path) => origin.Prefix + path;

    /// <summary>Whether there is a session to end.</summary>
    public bool SignsOut(HttpContext http) => auth.HasPeople && http.User.Identity is { AuthenticationType: AuthModes.Oidc or AuthModes.Accounts };

    public static string NameOf(HttpContext http) => http.User.FindFirst(SessionStore.DisplayName)?.Value ?? Requester.Of(http.User).Name;

    public async Task<int> CountWaitingAsync(Requester reader, CancellationToken cancellationToken) =>
        reader.Roles.HasFlag(Roles.Steward) ? (await reviews.CountAsync(reader.Name, cancellationToken)).Count : 0;

    /// <summary>What the foot of each page says: of the node and its data, of the controls, and what more.</summary>
    public (string Node, string Controls, string More) Foot()
    {
        var off = DisclosureNote.Of(disclosure).Off.Count;
        return (
            $"Lazaret {NodeVersion.Current}. {(data.Read(out _) is { } snapshot ? $"Data version {Short(snapshot.Version)}. " : "")}Disclosure profile {disclosure.Profile}",
            off switch { 0 => "no disclosure control is switched off", 1 => "1 disclosure control is switched off", _ => $"{off} disclosure controls are switched off" },
            $"Smallest cohort {disclosure.MinimumCohort} people. Times are UTC.");
    }

    /// <summary>Where the controls stand by name; null for those who may not open that page.</summary>
    public string? ControlsFor(Requester reader) => Chapter.Of(reader.Roles).Contains(Chapter.Ledger) ? At($"{Chapter.Ledger.Path}#controls") : null;

    private static string Short(string version) => version.Length > 19 ? version[..19] : version;
}
