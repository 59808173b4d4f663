using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;

namespace Lazaret.Node.WebConsole.People;

/// <summary>What operators do to programs and their keys, as <c>lazaret requesters</c> does it.</summary>
internal static class KeyActs
{
    public static readonly IReadOnlyList<(string Value, string Text)> Lifetimes = [("", "until it is revoked"), ("P30D", "30 days"), ("P90D", "90 days"), ("P365D", "a year")];

    /// <summary>The lifetimes to choose from for a key that replaces another.</summary>
    public static readonly IReadOnlyList<(string Value, string Text)> NextLifetimes = [("", "as long as the one before it"), .. Lifetimes.Where(lifetime => lifetime.Value.Length > 0)];

    public static readonly IReadOnlyList<(string Value, string Text)> Overlaps = [("PT0S", "not any longer"), ("P1D", "a day"), ("P7D", "a week"), ("P30D", "30 days")];

    public static readonly IReadOnlyList<(string Value, string Text)> RolesToChoose =
    [
        ("", "Choose one"), ("requester", "requester: asks"), ("steward", "steward: answers for the data"), ("auditor", "auditor: reads everything"), ("operator", "operator: runs the node"),
    ];

    public static Task<IResult> AddAsync(
        HttpContext http, Requester actor, RequesterDirectory requesters, AuthOptions auth, FrameDesk frame, TimeProvider time, CancellationToken cancellationToken) =>
        PeopleActs.ActAsync(http, "key", auth, frame, async fields =>
        {
            var (name, role, until, proof) = (fields.Text("name"), RoleOf(fields), EndOf(fields, time), NewProof.MakeKey());
            await requesters.AddAsync(name, role, proof.Kind, proof.Lookup, proof.Content, until, actor.Name, cancellationToken);
            return KeyOf(name, proof, auth);
        });

    public static Task<IResult> RotateAsync(
        HttpContext http, Requester actor, RequesterDirectory requesters, AuthOptions auth, FrameDesk frame, TimeProvider time, CancellationToken cancellationToken) =>
        PeopleActs.ActAsync(http, "keys", auth, frame, async fields =>
        {
            var (name, until, proof) = (fields.Text("name"), EndOf(fields, time), NewProof.MakeKey());
            var overlap = Lifetime.Read("overlap", fields.Text("overlap"), TimeSpan.Zero)!.Value;
            await requesters.RotateAsync(name, proof.Kind, proof.Lookup, proof.Content, until, overlap, actor.Name, cancellationToken);
            return KeyOf(name, proof, auth);
        });

    public static Task<IResult> RevokeAsync(HttpContext http, Requester actor, RequesterDirectory requesters, AuthOptions auth, FrameDesk frame, CancellationToken cancellationToken) =>
        PeopleActs.ActAsync(http, "keys", auth, frame, async fields =>
        {
            var name = fields.Text("name");
            await requesters.RevokeAsync(name, actor.Name, cancellationToken);
            return new Told($"{name} has no access any more: within a second no process takes its keys.");
        });

    /// <exception cref="InputException">No role was chosen.</exception>
    public static Roles RoleOf(IFormCollection fields) => RoleNames.Find(fields.Text("role")) is var role && role != Roles.None
        ? role
        : throw new InputException([new InputFault("role", $"choose one of {string.Join(", ", RoleNames.All)}")]);

    private static DateTimeOffset? EndOf(IFormCollection fields, TimeProvider time) =>
        Lifetime.EndOf(Lifetime.Read("expires", fields.Text("expires") is { Length: > 0 } text ? text : null), time.GetUtcNow());

    private static Secret KeyOf(string name, NewProof proof, AuthOptions auth) => new(
        $"The API key of {name}", proof.Printed!, $"Hand it to who runs {name} on a way that nobody else reads.{(auth.Takes(proof.Mode) ? "" : $" The node does not take it yet: add {proof.Mode} to Lazaret:Auth:Modes.")}");
}
