using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
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
    MapReading reading,
    CohortOptions options,
    DisclosureOptions disclosure,
    JobMetrics metrics,
    TimeProvider time)
{
    /// <summary>
    /// <list type="number">
    /// <item>Choose the project, by the header.</item>
    /// <item>Read the form, the map into memory; it may name the project.</item>
    /// <item>Compare the fields with what the project allows, then with what the site shows; read the map, and see that it can be brought onto the site's grid.</item>
    /// <item>Say everything that is wrong, or make a job.</item>
    /// </list>
    /// Every decision is audited, but for an answer that is given again.
    /// </summary>
    public Task<CohortDecision> DecideAsync(HttpRequest http, Requester requester, CancellationToken cancellationToken) => DecideAsync(http, requester, page: null, makesJob: true, cancellationToken);

    /// <summary>The same for the form of a page.</summary>
    /// <param name="http">The request.</param>
    /// <param name="requester">Who asks.</param>
    /// <param name="page">Takes what the form holds, whatever is decided; null where the form is the interface's.</param>
    /// <param name="makesJob">False to check only: no job is made, and nothing is charged.</param>
    /// <param name="cancellationToken">Ends the reading of the form.</param>
    public async Task<CohortDecision> DecideAsync(HttpRequest http, Requester requester, PageFields? page, bool makesJob, CancellationToken cancellationToken)
    {
        // 1. Choose the project, by the header.
        var choice = await projects.ChooseAsync(http, requester, cancellationToken);
        // Of several projects the form may name one.
        if (choice is ProjectChoice.Refused { Refusal: { IsUnnamed: false } outside })
            return await ForbidAsync(outside, requester, cancellationToken);
        var data = site.Read(out _);
        if (await FindLackAsync(data, requester, cancellationToken) is { } lack)
            return lack;
        await agreement.AnnounceAsync(data!, cancellationToken);
        if (IdempotencyKey.FaultOf(IdempotencyKey.Of(http)) is { } fault)
            return await RefuseAsync([fault], requester, cancellationToken);

        // 2. Read the form, the map into memory. Fields that an incomplete form lacks are not reported.
        var faults = new FaultList<RequestFault>();
        using var form = await CohortForm.ReadAsync(http, bodies, options.MaxUpload, page, faults, cancellationToken);
        if (form.Refusal is { } refusal)
        {
            await AuditRefusalAsync([refusal.AuditName], requester, cancellationToken);
            return new CohortDecision.BadBody(refusal);
        }

        if (!form.IsComplete)
            return await RefuseAsync(faults, requester, cancellationToken);
        var (project, unfit) = await ChooseAsync(choice, form["project"], ProjectHeader.Of(http), requester, cancellationToken);
        if (unfit is not null)
            return unfit;

        // 3. Compare the fields with what the project allows, then with what the site shows, and read the map.
        var task = form["task"] ?? AnalysisContract.MapToOutcome;
        if (project is not null && project.FindRefusals(task, form["score"], UsualScore(form, task), form["outcome"], form["mask"], OutcomesBeside(form, data!)) is { Count: > 0 } refusals)
            return await ForbidAsync(ProjectRefusal.Terms(project, refusals), requester, cancellationToken);
        var request = await ReadAsync(form, task, data!, project, faults, cancellationToken);

        // 4. Say everything that is wrong, or make a job.
        if (request is null)
            return await RefuseAsync(faults, requester, cancellationToken);
        var digest = Digest(request, project, form.MapDigest);
        var key = page is null ? IdempotencyKey.Of(http) : page.KeyOf(digest);
        var job = Job.Admit(JobKind.Cohort, requester.Name, request.Write(), digest, key, time.GetUtcNow(), program: request.Task, project: project?.Key);
        if (!makesJob)
            return await CheckAsync(job, request, data!, requester, cancellationToken);
        if (await projects.FindChangeAsync(requester, project, cancellationToken) is { } change)
            return await ForbidAsync(change, requester, cancellationToken);
        return await AdmitAsync(job, request, form.Map ?? [], data!, requester, cancellationToken);
    }

    /// <summary>The project that the form names, or the one that was chosen by the header; or the refusal.</summary>
    private async Task<(Project? Project, CohortDecision? Refusal)> ChooseAsync(ProjectChoice byHeader, string? named, string? header, Requester requester, CancellationToken cancellationToken)
    {
        if (named is not null && header is not null && header != named)
            return (null, await RefuseAsync([new RequestFault("project", $"names another project than the header {ProjectHeader.Name}")], requester, cancellationToken));
        var choice = named is null ? byHeader : await projects.ChooseAsync(named, requester, cancellationToken);
        return choice is ProjectChoice.Refused { Refusal: var unfit }
            ? (null, await ForbidAsync(unfit, requester, cancellationToken))
            : (((ProjectChoice.Chosen)choice).Project, null);
    }

    /// <summary>What the node lacks to answer any question; null for nothing, and then there are data.</summary>
    private async Task<CohortDecision?> FindLackAsync(CohortSnapshot? data, Requester requester, CancellationToken cancellationToken)
    {
        (string Fault, CohortDecision Decision)? lack = site.IsUnused ? ("data", new CohortDecision.NoCohort())
            : data is null ? ("data", new CohortDecision.NoData())
            : await keys.FaultAsync(cancellationToken) is not null ? ("keys", new CohortDecision.NoKeys())
            : null;
        if (lack is { Fault: var fault })
            await AuditRefusalAsync([fault], requester, cancellationToken);
        return lack?.Decision;
    }

    private static IEnumerable<string> OutcomesBeside(CohortForm form, CohortSnapshot data) =>
        (form["covariates"] ?? "").Split(',', StringSplitOptions.TrimEntries).Where(data.View.Outcomes.ContainsKey).Distinct(StringComparer.Ordinal);

    /// <summary>The request that the form makes; null where something is wrong with it, which goes to <paramref name="faults"/>.</summary>
    private async Task<CohortRequest?> ReadAsync(CohortForm form, string task, CohortSnapshot data, Project? project, FaultList<RequestFault> faults, CancellationToken cancellationToken)
    {
        var registered = await analyses.TasksAsync(cancellationToken);
        var analysis = registered.GetValueOrDefault(task);
        if (analysis is null && !AnalysisContract.BuiltIn.Contains(task))
            faults.Add(new RequestFault("task", "there is no such task", [.. AnalysisContract.BuiltIn, .. registered.Keys]));
        var parse = CohortQuery.Parse(form.Fields, data.CatalogOf(disclosure.MinimumOf(project)), Asker.Requester);
        // A field that the task does not take is refused as such; its content is not checked.
        var terms = TaskTerms.FindFaults(form, task, analysis is not null, disclosure.Profile == "dp").ToList();
        if (parse is QueryParse.Refused refused)
            faults.AddRange(refused.Faults, fault => new RequestFault(fault.Field, fault.Message, fault.Allowed.Count > 0 ? Shown(fault) : null), fault => terms.Exists(term => term.Field == fault.Field));
        var query = (parse as QueryParse.Accepted)?.Query;

        void Once(string field, string why)
        {
            if (!faults.Any(fault => fault.Field == field))
                faults.Add(new RequestFault(field, why));
        }

        // Outcomes that the project does not allow are not listed as alternatives.
        IReadOnlyList<string> Shown(FieldFault fault) =>
            project is null || fault.Field != "covariates" ? fault.Allowed : [.. fault.Allowed.Where(name => !data.View.Outcomes.ContainsKey(name) || Project.Allows(project.Outcomes, name))];

        var isWithoutMap = TaskTerms.IsWithoutMap(task);
        if (!isWithoutMap && TemplateSpace.Fault(form["space"], data.View.Declaration.Template) is { } space)
            faults.Add(new RequestFault("space", space));
        var maps = isWithoutMap ? await reading.ReadNoneAsync(data.View, query?.Mask, faults, cancellationToken)
            : form.Map is { } map ? await reading.ReadAsync(map, data.View, query?.Mask, query?.Score ?? Score.Dot, query?.Null == NullModel.Spatial, faults, cancellationToken)
            : RequestedMaps.Unread;
        faults.AddRange(terms);
        if (maps.Digests.Count > 1 && query?.Null == NullModel.Spatial)
            Once("null", $"spatial takes one map at a time, and this holds {maps.Digests.Count}");
        if (analysis is not null && query is not null)
        {
            foreach (var (field, why) in analysis.Faults(ScoreNames.Of(query.Score), Name(query.Statistic), query.Covariates.Count, maps.Digests.Count))
                Once(field, why);
        }

        if (faults.Count > 0)
            return null;
        return new CohortRequest(task, query!.Outcome, Name(query.Statistic), query.Mask, FilterJson.Write(query.Filters), query.Covariates, maps.Digests.Count)
        {
            Version = analysis?.Row.Version,
            Score = query.Parcellation is null ? ScoreNames.Of(query.Score) : null,
            Alternative = AlternativeNames.Of(query.Alternative),
            Null = query.Null is { } model ? NullNames.Of(model) : null,
            Cv = query.Folds is { } folds ? FoldSchemes.Of(folds) : null,
            Parcellation = query.Parcellation,
            Within = query.Within,
            CanonicalMaps = maps.Digests,
            Coverage = maps.Coverage,
            Interpolation = form.Map is null ? null : JsonNamingPolicy.CamelCase.ConvertName(maps.Fit.ToString()),
            MapSha256 = form.Map is null ? "" : Convert.ToHexStringLower(form.MapDigest),
        };
    }

    private async Task<CohortDecision> CheckAsync(Job job, CohortRequest request, CohortSnapshot data, Requester requester, CancellationToken cancellationToken)
    {
        await audit.WriteAsync(AuditAction.RequestChecked, requester.Name, RequestDetail.Of(request), cancellationToken);
        return await jobs.CheckAsync(job, QuestionsOf(request, data), cancellationToken) is { } spent ? new CohortDecision.QuotaSpent(spent) : new CohortDecision.Sound(request.Maps);
    }

    private async Task<CohortDecision> AdmitAsync(Job job, CohortRequest request, byte[] map, CohortSnapshot data, Requester requester, CancellationToken cancellationToken)
    {
        switch (await jobs.AdmitAsync(job, map, RequestDetail.Of(request), cancellationToken, questions: QuestionsOf(request, data)))
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

    private Questions QuestionsOf(CohortRequest request, CohortSnapshot data) =>
        new([.. Enumerable.Range(0, request.Maps).Select(index => request.Canonical(index).NameOn(data.Version))], disclosure.Has(DisclosureControlName.C9) ? disclosure.QueriesPerWeek : 0);

    /// <summary>The score that is meant where none is named; null for a question without one.</summary>
    private static string? UsualScore(CohortForm form, string task) => task switch
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
