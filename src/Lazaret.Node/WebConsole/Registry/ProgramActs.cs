using Lazaret.Node.Analyses;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Registry;

/// <summary>What operators do to the registry, as <c>lazaret models</c> and <c>lazaret analyses</c> do it.</summary>
internal static class ProgramActs
{
    public static Task<IResult> AddModelAsync(HttpContext http, Requester actor, ProgramUploads uploads, ModelRegistry models, FrameDesk frame, CancellationToken cancellationToken) =>
        AddAsync(ProgramKind.Model, http, uploads, async files => frame.At($"{Chapter.Registry.Path}/{(await models.AddAsync(files, actor.Name, cancellationToken)).Manifest.Key}"), cancellationToken);

    public static Task<IResult> AddAnalysisAsync(HttpContext http, Requester actor, ProgramUploads uploads, AnalysisRegistry analyses, FrameDesk frame, CancellationToken cancellationToken) =>
        AddAsync(ProgramKind.Analysis, http, uploads, async files => frame.At($"/console/analyses/{(await analyses.AddAsync(files, actor.Name, cancellationToken)).Row.Key}"), cancellationToken);

    public static Task<IResult> RemoveModelAsync(string key, HttpContext http, Requester actor, ProgramRegistry programs, FrameDesk frame, CancellationToken cancellationToken) =>
        RemoveAsync(ProgramKind.Model, key, http, ConsoleEndpoints.PageOf<ModelPage>(key), actor, programs, frame, cancellationToken);

    public static Task<IResult> RemoveAnalysisAsync(string key, HttpContext http, Requester actor, ProgramRegistry programs, FrameDesk frame, CancellationToken cancellationToken) =>
        RemoveAsync(ProgramKind.Analysis, key, http, ConsoleEndpoints.PageOf<AnalysisPage>(key), actor, programs, frame, cancellationToken);

    /// <param name="kind">The kind of program; the form's name follows from it.</param>
    /// <param name="addAsync">Registers the files, and returns the address of the program's page.</param>
    private static async Task<IResult> AddAsync(ProgramKind kind, HttpContext http, ProgramUploads uploads, Func<ProgramFiles, Task<string>> addAsync, CancellationToken cancellationToken)
    {
        try
        {
            using var upload = await uploads.ReceiveAsync(http.Request, cancellationToken);
            await http.RefuseRevokedAsync();
            try
            {
                return new SeeOther(await addAsync(upload.Files));
            }
            catch (InputException e)
            {
                throw new InputException(upload.FaultsOf(e));
            }
        }
        catch (InputException e)
        {
            new FormAnswer { Form = NewProgram.FormOf(kind), Faults = e.Faults }.Keep(http);
            return new RazorComponentResult<ModelsPage> { StatusCode = StatusCodes.Status422UnprocessableEntity, PreventStreamingRendering = true };
        }
    }

    private static Task<IResult> RemoveAsync(
        ProgramKind kind, string key, HttpContext http, RazorComponentResult page, Requester actor, ProgramRegistry programs, FrameDesk frame, CancellationToken cancellationToken) =>
        ConsoleForm.ActAsync(http, "program", page, frame.At(Chapter.Registry.Path), async fields =>
            await programs.RemoveAsync(kind, key, fields.Text("version"), actor.Name, cancellationToken) ? new Told($"{key} {fields.Text("version")} is removed.") : throw new InputException($"{key}: there is no such version"));
}
