using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;

namespace Lazaret.Node.WebConsole.Data;

/// <summary>What the forms on the page of the data do.</summary>
internal static class DataActs
{
    public static Task<SeeOther> CheckAsync(Requester steward, DataWork work, FrameDesk frame) => BeginAsync(DataTask.Check, steward, work, frame);

    public static Task<SeeOther> IngestAsync(Requester actor, DataWork work, FrameDesk frame) => BeginAsync(DataTask.Ingest, actor, work, frame);

    public static async Task<SeeOther> ReloadAsync(HttpContext http, Requester steward, DataWork work, FrameDesk frame, CancellationToken cancellationToken)
    {
        await work.ReloadAsync(steward.Name, cancellationToken);
        Notice.Keep(http, "The tables and masks are read again now.");
        return new SeeOther(frame.At(Chapter.Data.Path));
    }

    private static async Task<SeeOther> BeginAsync(DataTask task, Requester actor, DataWork work, FrameDesk frame)
    {
        await work.BeginAsync(task, actor.Name);
        return new SeeOther(frame.At(Chapter.Data.Path));
    }
}
