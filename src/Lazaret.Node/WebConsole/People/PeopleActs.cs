using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;

namespace Lazaret.Node.WebConsole.People;

/// <summary>What operators do to people with an account, as <c>lazaret people</c> does it.</summary>
internal static class PeopleActs
{
    public static Task<IResult> AddAsync(
        HttpContext http, Requester actor, PeopleDirectory people, AuthOptions auth, BrowserOrigin origin, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(http, "person", auth, frame, async fields =>
        {
            var name = fields.Text("name");
            return LinkOf(http, name, await people.AddNewAsync(name, KeyActs.RoleOf(fields), actor.Name, cancellationToken), auth, origin);
        });

    public static Task<IResult> LinkAsync(
        HttpContext http, Requester actor, PeopleDirectory people, AuthOptions auth, BrowserOrigin origin, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(http, "people", auth, frame, async fields =>
        {
            var name = fields.Text("name");
            return LinkOf(http, name, await people.AddAsync(name, role: null, actor.Name, cancellationToken), auth, origin);
        });

    public static Task<IResult> RevokeAsync(HttpContext http, Requester actor, PeopleDirectory people, AuthOptions auth, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(http, "people", auth, frame, async fields =>
        {
            var name = fields.Text("name");
            await people.RevokeAsync(name, actor.Name, cancellationToken);
            return new Told($"{name} has no access any more, and no session.");
        });

    public static Task<IResult> EndSessionsAsync(HttpContext http, Requester actor, PeopleDirectory people, AuthOptions auth, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(http, "sessions", auth, frame, async fields =>
        {
            var name = fields.Text("name");
            if (await people.EndSessionsAsync(name, actor.Name, cancellationToken) == 0)
                throw new InputException($"'{name}': nobody of this name has a session; the provider's people are named oidc/SUBJECT");
            return new Told($"{name} is signed out everywhere.");
        });

    // The address keeps its query, so that the reader comes back to what they looked for.
    // Only a caller with a name may give names to others: a key that a nameless caller made would stay valid when the node begins to ask for names.
    internal static Task<IResult> ActAsync(HttpContext http, string form, AuthOptions auth, FrameDesk frame, Func<IFormCollection, Task<Done>> act) => ConsoleForm.ActAsync(
        http, form, ConsoleEndpoints.Page<PeoplePage>(), frame.At(Chapter.People.Path) + http.Request.QueryString,
        fields => auth.IsOn ? act(fields) : throw new InputException("sign-in is switched off, and people and keys can then only be added by command: use the commands"));

    private static Secret LinkOf(HttpContext http, string name, string secret, AuthOptions auth, BrowserOrigin origin) => new(
        $"The link of {name}",
        $"{origin.Public("") ?? $"{http.Request.Scheme}://{http.Request.Host}"}/sign-in/setup#{secret}",
        $"Hand it to {name} on a way that nobody else reads. It works once, within a day.{(auth.Takes(AuthModes.Accounts) ? "" : " Nobody can use it yet: add accounts to Lazaret:Auth:Modes.")}");
}
