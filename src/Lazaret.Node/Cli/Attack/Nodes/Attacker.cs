using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Node.Cli.Attack.Sites;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Cli.Attack.Nodes;

/// <summary>A requester with a key: it knows the node by its address alone.</summary>
internal sealed class Attacker(HttpClient client, string key, string? project)
{
    private const int AtOnce = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Asks, and waits for the end.</summary>
    public async Task<Answer> AskAsync(Question question, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();
        using var admitted = await PostAsync(question, cancellationToken);
        if (admitted.StatusCode != HttpStatusCode.Accepted)
            return new Answer([], $"{(int)admitted.StatusCode} {await admitted.Content.ReadAsStringAsync(cancellationToken)}", clock.GetElapsedTime(began));
        while (true)
        {
            using var request = RequestOf(HttpMethod.Get, admitted.Headers.Location!);
            using var response = await client.SendAsync(request, cancellationToken);
            var job = JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))!;
            if ((string?)job["status"] is not ("queued" or "running"))
                return Answer.Of(job, clock.GetElapsedTime(began));
            if (clock.GetElapsedTime(began) > Patience)
                throw new MissingException($"a job of the throw-away node is still {job["status"]} after {Patience.TotalMinutes} minutes");
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Asks several at once, for attacks in which order does not matter.</summary>
    public async Task<Answer[]> AskAllAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        var answers = new Answer[questions.Count];
        await Parallel.ForAsync(0, questions.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (index, stop) =>
            answers[index] = await AskAsync(questions[index], stop));
        return answers;
    }

    public async Task<JsonNode> ReadCatalogAsync(CancellationToken cancellationToken)
    {
        using var request = RequestOf(HttpMethod.Get, new Uri("/catalog/variables", UriKind.Relative));
        using var response = await client.SendAsync(request, cancellationToken);
        return JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))!;
    }

    private async Task<HttpResponseMessage> PostAsync(Question question, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(question.Outcome), "outcome" },
            { new StringContent(question.Stat), "stat" },
            { new StringContent(question.Filters), "filters" },
        };
        if (question.Null is { } against)
            form.Add(new StringContent(against), "null");
        if (question.Parcellation is { } parcellation)
        {
            form.Add(new StringContent(AnalysisContract.OutcomeMap), "task");
            form.Add(new StringContent(parcellation), "parcellation");
        }
        else
        {
            using var map = new MemoryStream();
            NiftiWriter.Write(map, new NiftiVolume(ScanLayout.Grid, question.Maps.Count, [.. question.Maps.SelectMany(voxels => voxels)]), question.Compress);
            form.Add(new ByteArrayContent(map.ToArray()), "map_file", question.Compress ? "map.nii.gz" : "map.nii");
        }

        using var request = RequestOf(HttpMethod.Post, new Uri("/jobs", UriKind.Relative));
        request.Content = form;
        return await client.SendAsync(request, cancellationToken);
    }

    private HttpRequestMessage RequestOf(HttpMethod method, Uri address)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (project is not null)
            request.Headers.Add(ProjectHeader.Name, project);
        return request;
    }
}
