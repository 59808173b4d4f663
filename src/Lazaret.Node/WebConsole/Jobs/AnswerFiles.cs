using System.Text;
using System.Text.Json;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.WebConsole.Parts;
using Microsoft.AspNetCore.Http.HttpResults;
using Problem = Lazaret.Node.Http.Problem;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>Sends a released answer as files, to the same readers to whom the HTTP interface shows it.</summary>
internal static class AnswerFiles
{
    // The file is for no page, so only the characters are escaped that JSON requires.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<Results<FileContentHttpResult, Problem.NotFound>> SendCsvAsync(Guid id, Requester reader, JobResults results, SiteOptions site, CancellationToken cancellationToken) =>
        await FindAsync(id, reader, results, site, cancellationToken) is var (_, answer)
            ? TypedResults.File(Encoding.UTF8.GetBytes(AnswerTable.ToCsv(answer)), "text/csv; charset=utf-8", $"answer-{Words.Short(id)}.csv")
            : new Problem.NotFound("answer");

    public static async Task<Results<FileContentHttpResult, Problem.NotFound>> SendJsonAsync(
        Guid id, Requester reader, JobResults results, SiteOptions site, CohortSite data, CancellationToken cancellationToken) =>
        await FindAsync(id, reader, results, site, cancellationToken) is var (job, answer)
            ? TypedResults.File(JsonSerializer.SerializeToUtf8Bytes(AnswerSidecar.Of(job, answer, data.ReadForCatalog()?.View.Declaration.Template), Indented), "application/json", $"answer-{Words.Short(id)}.json")
            : new Problem.NotFound("answer");

    private static async Task<(Job, CohortAnswer)?> FindAsync(Guid id, Requester reader, JobResults results, SiteOptions site, CancellationToken cancellationToken) =>
        await results.ShowAsync(id, JobKind.Cohort, reader, cancellationToken) is { HasExpired: false } found && CohortAnswer.Of(found, site.Name, note: null) is { Rows.Count: > 0 } answer
            ? (found.Job, answer)
            : null;
}
