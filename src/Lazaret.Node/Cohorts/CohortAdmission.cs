using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Maps;
using Lazaret.Node.Analyses;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Forms;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Keys;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts;

/// <summary>Decides on a request for a cohort job.</summary>
internal sealed class CohortAdmission(
    CohortSite site,
    ProjectGate projects,
    KeyGuard keys,
    ViewAgreement agreement,
    AnalysisRegistry analyses,
    JobAdmission jobs,
    AuditLog audit,
    RequestBodies bodies,
    CohortOptions options,
    DisclosureOptions disclosure,
    JobMetrics metrics,
    TimeProvider time) : IDisposable
{
    /// <summary>Of a map's energy, what rounding to 10 bits may take: the maps that are the same question (control C0) must be alike.</summary>
    private const double MostLost = 0.01;

    private readonly SemaphoreSlim _reading = new(2);

    /// <summary>
    /// <list type="number">
    /// <item>Choose the project, by the header.</item>
    /// <item>Read the form, the map into memory; it may name the project.</item>
    /// <item>Compare the fields with what the project allows, then with what the site shows.</item>
    /// <item>Read the map, and see that it can be brought onto the site's grid.</item>
    /// <item>Say everything that is wrong, or make a job.</item>
    /// </list>
    /// Every decision is audited.
    /// </summary>
    public Task<CohortDecision> DecideAsync(HttpRequest http, Requester requester, CancellationToken cancellationToken) => DecideAsync(http, requester, page: null, makesJob: true, cancellationToken);

    /// <summary>The same for the form of a page.</summary>
    /// <param name="http">The request.</param>
    /// <param name="requester">Who asks.</param>
    /// <param name="page">Takes what the form holds, whatever is decided; null where the form is the interface's.</param>
    /// <param name="makesJob">False to look at it alone, which costs nothing.</param>
    /// <param name="cancellationToken">Ends the reading of the form.</param>
    public async Task<CohortDecision> DecideAsync(HttpRequest http, Requester requester, PageFields? page, bool makesJob, CancellationToken cancellationToken)
    {
        // 1. Choose the project, by the header.
        var choice = await projects.ChooseAsync(http, requester, cancellationToken);
        // Of several projects the form may name one.
        if (choice is ProjectChoice.Refused { Refusal: { IsUnnamed: false } outside })
            return await ForbidAsync(outside, requester, cancellationToken);
        if (site.IsUnused)
        {
            await AuditRefusalAsync(["data"], requester, cancellationToken);
            return new CohortDecision.NoCohort();
        }

        if (site.Read(out _) is not { } data)
        {
            await AuditRefusalAsync(["data"], requester, cancellationToken);
            return new CohortDecision.NoData();
        }

        if (await keys.FaultAsync(cancellationToken) is not null)
        {
            await AuditRefusalAsync(["keys"], requester, cancellationToken);
            return new CohortDecision.NoKeys();
        }

        await agreement.AnnounceAsync(data, cancellationToken);

        if (IdempotencyKey.FaultOf(IdempotencyKey.Of(http)) is { } fault)
            return await RefuseAsync([fault], requester, cancellationToken);

        // 2. Read the form, the map into memory. What a torn form lacks says nothing.
        var faults = new FaultList<RequestFault>();
        using var form = await CohortForm.ReadAsync(http, bodies, options.MaxUpload, page, faults, cancellationToken);
        if (form.Refusal is { } refusal)
        {
            await AuditRefusalAsync([refusal.AuditName], requester, cancellationToken);
            return new CohortDecision.BadBody(refusal);
        }

        if (!form.IsComplete)
            return await RefuseAsync(faults, requester, cancellationToken);
        if (form["project"] is { } named)
        {
            if (ProjectHeader.Of(http) is { } header && header != named)
                return await RefuseAsync([new RequestFault("project", $"names another project than the header {ProjectHeader.Name}")], requester, cancellationToken);
            choice = await projects.ChooseAsync(named, requester, cancellationToken);
        }

        if (choice is ProjectChoice.Refused { Refusal: var unfit })
            return await ForbidAsync(unfit, requester, cancellationToken);
        var project = ((ProjectChoice.Chosen)choice).Project;

        // 3. Compare the fields with what the project allows, then with what the site shows.
        var task = form["task"] ?? AnalysisContract.MapToOutcome;
        if (project is not null && project.FindRefusals(task, ScoreOf(form, task), form["outcome"], form["mask"]) is { Count: > 0 } refusals)
            return await ForbidAsync(ProjectRefusal.Terms(project, refusals), requester, cancellationToken);
        var registered = await analyses.TasksAsync(cancellationToken);
        var analysis = registered.GetValueOrDefault(task);
        if (analysis is null && !AnalysisContract.BuiltIn.Contains(task))
            faults.Add(new RequestFault("task", "there is no such task", [.. AnalysisContract.BuiltIn, .. registered.Keys]));
        var parse = CohortQuery.Parse(form.Fields, data.CatalogOf(disclosure.MinimumOf(project)), Asker.Requester);
        if (parse is QueryParse.Refused refused)
            faults.AddRange(refused.Faults, fault => new RequestFault(fault.Field, fault.Message, fault.Allowed.Count > 0 ? fault.Allowed : null));

        if (!TaskTerms.IsWithoutMap(task) && TemplateSpace.Fault(form["space"], data.View.Declaration.Template) is { } space)
            faults.Add(new RequestFault("space", space));

        // 4. Read the map.
        var map = form.Map;
        var counting = parse is QueryParse.Accepted { Query: { } known } ? (known.Mask, known.Score) : (null, Score.Dot);
        var (maps, coverage, fit) = TaskTerms.IsWithoutMap(task) ? ([""], [], MapFit.None) : map is null ? ([], [], MapFit.None) : await ReadMapAsync(map, data.View, counting, faults, cancellationToken);
        foreach (var amiss in TaskTerms.FindFaults(form, task, [.. data.Catalog.Parcellations.Select(known => known.Name)], maps.Count, analysis is not null, disclosure.Profile == "dp"))
            faults.Add(amiss);
        if (analysis is not null && parse is QueryParse.Accepted { Query: var asked })
            faults.AddRange(analysis.Faults(ScoreNames.Of(asked.Score), Name(asked.Statistic), asked.Covariates.Count, maps.Count).Select(fault => new RequestFault(fault.Field, fault.Why)));

        // 5. Say everything that is wrong, or make a job.
        if (faults.Count > 0)
            return await RefuseAsync(faults, requester, cancellationToken);
        var query = ((QueryParse.Accepted)parse).Query;
        var request = new CohortRequest(task, query.Outcome, Name(query.Statistic), query.Mask, FilterJson.Write(query.Filters), query.Covariates, maps.Count)
        {
            Version = analysis?.Row.Version,
            Score = query.Parcellation is null ? ScoreNames.Of(query.Score) : null,
            Alternative = AlternativeNames.Of(query.Alternative),
            Null = query.Null is { } model ? NullNames.Of(model) : null,
            Cv = query.Folds is { } folds ? FoldSchemes.Of(folds) : null,
            Parcellation = query.Parcellation,
            Within = query.Within,
            CanonicalMaps = maps,
            Coverage = coverage,
            Interpolation = map is null ? null : JsonNamingPolicy.CamelCase.ConvertName(fit.ToString()),
            MapSha256 = map is null ? "" : Convert.ToHexStringLower(form.MapDigest),
        };
        if (!makesJob)
        {
            await audit.WriteAsync(AuditAction.RequestChecked, requester.Name, RequestDetail.Of(request), cancellationToken);
            return new CohortDecision.Sound(maps.Count);
        }

        var digest = Digest(request, project, form.MapDigest);
        var job = Job.Admit(
            JobKind.Cohort,
            requester.Name,
            request.Write(),
            digest,
            page is null ? IdempotencyKey.Of(http) : page.KeyOf(digest),
            time.GetUtcNow(),
            program: analysis?.Row.Name ?? task,
            project: project?.Key);
        if (await projects.FindChangeAsync(requester, project, cancellationToken) is { } change)
            return await ForbidAsync(change, requester, cancellationToken);
        var questions = new Questions([.. Enumerable.Range(0, maps.Count).Select(index => request.Canonical(index).NameOn(data.Version))], disclosure.Has(DisclosureControlName.C9) ? disclosure.QueriesPerWeek : 0);
        var admitted = await jobs.AdmitAsync(job, map ?? [], RequestDetail.Of(request), cancellationToken, questions: questions);
        switch (admitted)
        {
            case Admission.Accepted accepted:
                return new CohortDecision.Accepted(accepted.Job);
            case Admission.QuotaSpent spent:
                await AuditRefusalAsync(["quota"], requester, cancellationToken, project: spent.Project);
                return new CohortDecision.QuotaSpent(spent);
            case Admission.QueueFull:
                await AuditRefusalAsync(["queue"], requester, cancellationToken);
                return new CohortDecision.QueueFull();
            default:
                return await RefuseAsync([RequestFault.KeyReused], requester, cancellationToken);
        }
    }

    public void Dispose() => _reading.Dispose();

    /// <summary>What of each map counts, as a digest, and how much of it that is, and how it came onto the grid; what is wrong with them goes to <paramref name="faults"/>.</summary>
    private async Task<(IReadOnlyList<string> Digests, IReadOnlyList<decimal> Coverage, MapFit Fit)> ReadMapAsync(byte[] bytes, DataView view, (string? Mask, Score Score) counting, FaultList<RequestFault> faults, CancellationToken cancellationToken)
    {
        // A reading holds one map, unpacked, and the mask in memory: so few go on at once.
        await _reading.WaitAsync(cancellationToken);
        try
        {
            using var reader = NiftiReader.Open(new MemoryStream(bytes), options.LimitsOn(view.Grid!));
            var coverage = new MapCoverage(view, counting.Mask);
            var masked = new MaskedMap(view, counting.Mask, counting.Score);
            var (digests, fit, maps) = (new List<string>(), MapFit.None, reader.CountMaps());
            foreach (var placement in MapPlacement.ReadEach(reader, view.Grid!, coverage.Add))
            {
                if (placement is not MapPlacement.Placed placed)
                {
                    faults.Add(new RequestFault("map_file", ((MapPlacement.Refused)placement).Reason));
                    return ([], [], MapFit.None);
                }

                fit = placed.Fit;
                for (var map = 0; map < placed.Map.Maps; map++)
                    digests.Add(Digest(masked.Of(placed.Map.Map(map)), counting.Score, maps == 1 ? "the map" : $"map {digests.Count + 1} of {maps}", faults));
            }

            return (digests, [.. coverage.Shares.Select(share => Math.Round((decimal)share, 3))], fit);
        }
        catch (NiftiException e)
        {
            faults.Add(new RequestFault("map_file", $"is no NIfTI volume that can be read: {e.Message}"));
        }
        finally
        {
            _reading.Release();
        }

        return ([], [], MapFit.None);
    }

    private static string Digest(float[] values, Score score, string which, FaultList<RequestFault> faults)
    {
        var map = CanonicalMap.Of(values);
        if (!Array.Exists(values, value => float.IsFinite(value) && value != 0))
            faults.Add(new RequestFault("map_file", score switch
            {
                Score.MeanInside => $"{which} is nowhere positive inside the mask",
                Score.SpatialPearson or Score.SpatialSpearman => $"{which} is the same everywhere inside the mask: it has no correlation",
                _ => $"{which} is zero everywhere inside the mask",
            }));
        else if (map.EnergyLost > MostLost)
            faults.Add(new RequestFault("map_file", $"{which} has values so far apart that most of it is next to nothing beside its largest one: leave out or clip what stands out"));
        return Convert.ToHexStringLower(map.Digest());
    }

    /// <summary>The score that is meant where none is named; null for a question without one.</summary>
    private static string? ScoreOf(CohortForm form, string task) => form["score"] ?? task switch
    {
        AnalysisContract.OutcomeMap => null,
        AnalysisContract.CrossValidate => ScoreNames.Of(form["stat"] == Name(Statistic.Spearman) ? Score.SpatialSpearman : Score.SpatialPearson),
        _ => ScoreNames.Of(Score.Dot),
    };

    private static string Name(Statistic statistic) => statistic.ToString().ToLowerInvariant();

    // Sent again after a newer version was registered, it still is the same request.
    private static string Digest(CohortRequest request, Project? project, byte[] map) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{(request with { Version = null, CanonicalMaps = [], Coverage = [], Interpolation = null, MapSha256 = "" }).Write()}{project?.Key}"), .. map]));

    private async Task<CohortDecision> RefuseAsync(FaultList<RequestFault> faults, Requester requester, CancellationToken cancellationToken)
    {
        await AuditRefusalAsync([.. faults.Select(fault => fault.AuditName)], requester, cancellationToken, faults.More);
        return new CohortDecision.Refused(faults);
    }

    private async Task<CohortDecision> ForbidAsync(ProjectRefusal refusal, Requester requester, CancellationToken cancellationToken)
    {
        metrics.Requested(JobKind.Cohort, "refused");
        var detail = refusal.ToAudit();
        detail["kind"] = JobKind.Cohort;
        await audit.WriteAsync(AuditAction.AccessRefused, requester.Name, detail, cancellationToken);
        return new CohortDecision.Forbidden(refusal);
    }

    private Task AuditRefusalAsync(string[] faults, Requester requester, CancellationToken cancellationToken, int more = 0, string? project = null)
    {
        metrics.Requested(JobKind.Cohort, "refused");
        var detail = new AuditDetail { ["kind"] = JobKind.Cohort, ["faults"] = faults, ["more_faults"] = more };
        if (project is not null)
            detail["project"] = project;
        return audit.WriteAsync(AuditAction.RequestRefused, requester.Name, detail, cancellationToken);
    }
}
