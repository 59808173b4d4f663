using Lazaret.Node.Identity;
using Lazaret.Node.Programs;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Registry;

/// <summary>What operators do to the registry, as <c>lazaret models</c> and <c>lazaret analyses</c> do it.</summary>
internal static class ProgramActs
{
    public static Task<IResult> RemoveModelAsync(string key, HttpContext http, Requester actor, ProgramRegistry programs, FrameDesk frame, CancellationToken cancellationToken) =>
        RemoveAsync(ProgramKind.Model, key, http, ConsoleEndpoints.PageOf<ModelPage>(key), actor, programs, frame, cancellationToken);

    public static Task<IResult> RemoveAnalysisAsync(string key, HttpContext http, Requester actor, ProgramRegistry programs, FrameDesk frame, CancellationToken cancellationToken) =>
        RemoveAsync(ProgramKind.Analysis, key, http, ConsoleEndpoints.PageOf<AnalysisPage>(key), actor, programs, frame, cancellationToken);

    private static Task<IResult> RemoveAsync(
        ProgramKind kind, string key, HttpContext http, RazorComponentResult page, Requester actor, ProgramRegistry programs, FrameDesk frame, CancellationToken cancellationToken) =>
        ConsoleForm.ActAsync(http, "program", page, frame.At(Chapter.Registry.Path), async fields =>
            await programs.RemoveAsync(kind, key, fields.Text("version"), actor.Name, cancellationToken) ? null : throw new InputException($"{key}: there is no such version"));
}
