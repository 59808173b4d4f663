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

    public string Foot()
    {
        var note = DisclosureNote.Of(disclosure);
        var off = note.Off is [_, ..] list ? $"switched off: {string.Join(", ", list)}" : "no control is switched off";
        var version = data.Read(out _) is { } snapshot ? $"Data version {Short(snapshot.Version)}. " : "";
        return $"Lazaret {NodeVersion.Current}. {version}Disclosure profile {disclosure.Profile}, {off}. Smallest cohort {disclosure.MinimumCohort} people. Times are UTC.";
    }

    private static string Short(string version) => version.Length > 19 ? version[..19] : version;
}
