using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort.Faults;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Keys;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Diagnoses;

/// <summary>Decides on a request for a diagnosis.</summary>
internal sealed class DiagnosisAdmission(
    ModelRegistry registry,
    ModelAvailability availability,
    ProjectGate projects,
    KeyGuard keys,
    JobAdmission jobs,
    WebhookAddresses addresses,
    WebhookEndpoints endpoints,
    JobResults results,
    DiagnosisOptions options,
    FhirOptions fhir,
    FhirJudging judging,
    AuditLog audit,
    JobMetrics metrics,
    TimeProvider time)
{
    /// <summary>Decides on the body of <c>POST /v1/diagnose</c>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="idempotencyKey">The request's key, if it has one.</param>
    /// <param name="dryRun">Whether no job is to be made.</param>
    /// <param name="requester">Who asks.</param>
    /// <param name="project">The project that it belongs to, which may not allow the model that the body names; null for none.</param>
    /// <param name="cancellationToken">Ends the deciding.</param>
    public async Task<DiagnosisDecision> DecideAsync(
        ReadOnlyMemory<byte> body, string? idempotencyKey, bool dryRun, Requester requester, Project? project, CancellationToken cancellationToken)
    {
        var faults = new FaultList<RequestFault>();
        var envelope = DiagnosisEnvelope.Read(body, addresses, faults, out var target);
        // Before its faults are told: whoever may not ask this model learns nothing of the rest.
        if (target is not null && project?.FindRefusals(DiagnosisEnvelope.TargetMember, target) is { Count: > 0 } refusals)
            return await RefuseAsync(ProjectRefusal.Terms(project, refusals), requester, cancellationToken);
        return envelope is not null
            ? await DecideAsync(envelope, idempotencyKey, dryRun, requester, project, cancellationToken)
            : await RefuseAsync(
                new DiagnosisDecision.Refused(faults),
                requester,
                new() { ["faults"] = faults.Select(fault => fault.AuditName).ToArray(), ["more_faults"] = faults.More },
                cancellationToken);
    }

    /// <summary>
    /// Decides on a target and a bundle, in whatever dialect they came. That the project allows the target was seen before the bundle was looked at.
    /// <list type="number">
    /// <item>Answer a repeated request as before; then find the target's models, and whether the requester can be told.</item>
    /// <item>Read the bundle: it must be valid FHIR R4, and not too costly to read.</item>
    /// <item>Negotiate with each version, the most accurate first; take the first whose needs are met. If none is met, ask for the version that lacks the fewest mandatory data. If no data can help, refuse.</item>
    /// <item>Write what that version asked for, and nothing else of the bundle, as the input of a job.</item>
    /// </list>
    /// Every decision is audited, but for an answer that is given again.
    /// </summary>
    public async Task<DiagnosisDecision> DecideAsync(
        DiagnosisEnvelope envelope, string? idempotencyKey, bool dryRun, Requester requester, Project? project, CancellationToken cancellationToken)
    {
        // 1. Answer a repeated request as before; then find the target's models, and whether the requester can be told.
        if (IdempotencyKey.FaultOf(idempotencyKey) is { } tooLong)
            return await RefuseAsync(new DiagnosisDecision.Refused([tooLong]), requester, new() { ["faults"] = tooLong.AuditName }, cancellationToken);
        var digest = DigestOf(envelope, project);
        if (!dryRun && await jobs.FindRepeatedAsync(requester.Name, idempotencyKey, digest, cancellationToken) is { } repeated)
            return await AnswerAsync(repeated, requester, cancellationToken);
        var (models, lack) = await FindModelsAsync(envelope.Target, requester, project, cancellationToken);
        if (lack is not null)
            return lack;
        if (envelope.Webhook is { } url && await endpoints.FaultAsync(requester.Name, url, cancellationToken) is { } fault)
            return await RefuseAsync(new DiagnosisDecision.Refused([fault]), requester, new() { ["faults"] = fault.AuditName }, cancellationToken);

        // 2. and 3. In the bundle's turn, which ends before anything is written.
        var now = time.GetUtcNow();
        Judgement judgement;
        using (var turn = await judging.EnterAsync(cancellationToken))
            judgement = turn is null ? new Judgement.Overdue() : Judge(envelope, models, now, cancellationToken);
        return judgement switch
        {
            Judgement.Overdue => await RefuseBusyAsync(requester, cancellationToken),
            Judgement.Invalid invalid => await RefuseAsync(invalid.Issues, requester, cancellationToken),
            Judgement.Met met => (await AdmitAsync(envelope, met, digest, idempotencyKey, dryRun, requester, project, now, cancellationToken)) with { Warnings = met.Warnings },
            _ => await AskAsync(envelope, (Judgement.Unmet)judgement, dryRun, requester, cancellationToken),
        };
    }

    /// <summary>The target's models whose images are here, the most accurate first; or what is answered where there is none.</summary>
    private async Task<(List<Model> Models, DiagnosisDecision? Lack)> FindModelsAsync(string target, Requester requester, Project? project, CancellationToken cancellationToken)
    {
        var registered = await registry.ListAsync(cancellationToken);
        var models = registered.Where(model => model.Manifest.Key == target).ToList();
        if (models.Count == 0)
        {
            string[] others = [.. registered.Select(model => model.Manifest.Key).Distinct().Where(key => project is null || Project.Allows(project.Models, key))];
            return (models, await RefuseAsync(new DiagnosisDecision.UnknownTarget(others), requester, cancellationToken));
        }

        models.RemoveAll(model => !availability.IsHere(model));
        return (models, models.Count > 0 ? null : await RefuseAsync(new DiagnosisDecision.NoImage(target), requester, new() { ["faults"] = "image", ["model"] = target }, cancellationToken));
    }

    /// <summary>Asks for what is missing, or refuses what no data can help.</summary>
    private async Task<DiagnosisDecision> AskAsync(DiagnosisEnvelope envelope, Judgement.Unmet judgement, bool dryRun, Requester requester, CancellationToken cancellationToken)
    {
        var (versions, warnings) = judgement;
        // The version that lacks the fewest mandatory data; with equal counts, the most accurate.
        var (asked, unmet) = versions.MinBy(version => version.Negotiation.Missing.Count(item => item.Requirement.Mandatory))!;
        if (unmet.Refusal is { } refusal)
            return await RefuseAsync(new DiagnosisDecision.Unusable(asked, envelope.Place(refusal)), requester, new() { ["faults"] = "fhir_bundle", ["cause"] = refusal.Cause }, cancellationToken);
        metrics.Requested(JobKind.Diagnosis, "data_required");
        await audit.WriteAsync(AuditAction.DataRequired, requester.Name, new()
        {
            ["model"] = asked.Name,
            ["verdict"] = unmet.Verdict,
            ["missing"] = unmet.Missing.ToDictionary(item => item.Requirement.Code, item => item.Reason.Name),
            ["dry_run"] = dryRun,
        }, cancellationToken);
        return new DiagnosisDecision.DataRequired(asked, unmet, versions) { Warnings = warnings };
    }

    private Judgement Judge(DiagnosisEnvelope envelope, IReadOnlyList<Model> models, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // 2. Read the bundle.
        var scope = fhir.Scope(models.SelectMany(model => model.Manifest.Requirements));
        var budget = envelope.Budget ?? judging.Budget(cancellationToken);
        var reading = BundleReader.Read(envelope.Bundle, budget, scope, envelope.Patient?.Server);
        if (budget.IsOverdue)
            return new Judgement.Overdue();
        if (reading is BundleReading.Invalid { Issues: var issues })
            return new Judgement.Invalid([.. issues.Select(envelope.Place)]);

        // 3. Negotiate with each version.
        var bundle = envelope.Place(((BundleReading.Readable)reading).Bundle);
        var warnings = ((BundleReading.Readable)reading).Warnings.Select(envelope.Place).ToList();
        var terms = new NegotiationTerms(now) { ClockSkew = options.ClockSkew, Patient = envelope.Patient };
        var versions = new List<UnmetVersion>();
        foreach (var model in models)
        {
            var negotiation = Negotiator.Negotiate(model.Manifest.Requirements, bundle, terms);
            if (negotiation is Negotiation.Satisfied satisfied)
                return new Judgement.Met(model, satisfied, versions, warnings);
            versions.Add(new(model, negotiation));
        }

        return new Judgement.Unmet(versions, warnings);
    }

    // 4. Write what the version asked for as the input of a job.
    private async Task<DiagnosisDecision> AdmitAsync(
        DiagnosisEnvelope envelope,
        Judgement.Met met,
        string digest,
        string? idempotencyKey,
        bool dryRun,
        Requester requester,
        Project? project,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var (model, negotiation, better, warnings) = met;
        var basis = NegotiationBasis.Of(new(model.Manifest.Key, model.Manifest.Version.ToString()), negotiation) with
        {
            Warnings = BundleWarning.Of(warnings),
            PassedOver = better.Count > 0 ? [.. better.Select(version => version.PassedOver)] : null,
        };
        var detail = new AuditDetail { ["model"] = model.Name, ["used"] = negotiation.Chosen.Select(item => item.Requirement.Code).ToArray() };
        if (dryRun)
        {
            await audit.WriteAsync(AuditAction.DataSufficient, requester.Name, detail, cancellationToken);
            return new DiagnosisDecision.Sufficient(model, negotiation, basis);
        }

        if (await keys.FaultAsync(cancellationToken) is not null)
            return await RefuseAsync(new DiagnosisDecision.NoKeys(), requester, new() { ["faults"] = "keys" }, cancellationToken);
        var subject = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var input = ModelInput.ToJson(model.Manifest.Key, model.Manifest.Version.ToString(), subject, negotiation, now);
        var endpoint = envelope.Webhook is { } url ? await endpoints.FindOrAddAsync(requester.Name, url, cancellationToken) : null;
        var job = Job.Admit(
            JobKind.Diagnosis,
            requester.Name,
            new DiagnosisRequest(envelope.ClientId, model.Manifest.Key, model.Manifest.Version.ToString()).Write(),
            digest,
            idempotencyKey,
            now,
            endpoint?.Id,
            model.Name,
            project?.Key);
        if (await projects.FindChangeAsync(requester, project, cancellationToken) is { } change)
            return await RefuseAsync(change, requester, cancellationToken);
        var admission = await jobs.AdmitAsync(job, input, detail, cancellationToken, basis.Write());
        // A job of another id: the same request came twice at once, and the other one was first.
        return admission is Admission.Accepted accepted && accepted.Job.Id == job.Id
            ? new DiagnosisDecision.Accepted(job) { Basis = basis }
            : await AnswerAsync(admission, requester, cancellationToken);
    }

    private async Task<DiagnosisDecision> AnswerAsync(Admission admission, Requester requester, CancellationToken cancellationToken) => admission switch
    {
        Admission.Accepted { Job: var job } => new DiagnosisDecision.Accepted(job)
        {
            Basis = await results.FindBasisAsync(job, cancellationToken) is { } basis ? NegotiationBasis.Read(basis) : null,
        },
        Admission.QuotaSpent spent => await RefuseAsync(new DiagnosisDecision.QuotaSpent(spent), requester, new() { ["faults"] = "quota", ["project"] = spent.Project }, cancellationToken),
        Admission.QueueFull => await RefuseAsync(new DiagnosisDecision.QueueFull(), requester, new() { ["faults"] = "queue" }, cancellationToken),
        _ => await RefuseAsync(
            new DiagnosisDecision.Refused([RequestFault.KeyReused]), requester, new() { ["faults"] = RequestFault.KeyReused.Field }, cancellationToken),
    };

    /// <summary>
    /// Waits for the result of a job that was admitted, or until the time has passed. A requester who was revoked meanwhile gets the refusal instead; a project that was
    /// closed meanwhile still answers what was asked before.
    /// </summary>
    public async Task<(JobWithResult Job, DiagnosisDecision? Revoked)> WaitAsync(Job job, TimeSpan atMost, Requester requester, CancellationToken cancellationToken)
    {
        var found = await results.WaitAsync(job, atMost, cancellationToken);
        return (found, await projects.FindChangeAsync(requester, project: null, cancellationToken) is { } revoked ? await RefuseAsync(revoked, requester, cancellationToken) : null);
    }

    /// <summary>Refuses because of the request's project, or because it names none.</summary>
    public async Task<DiagnosisDecision> RefuseAsync(ProjectRefusal refusal, Requester requester, CancellationToken cancellationToken)
    {
        metrics.Requested(JobKind.Diagnosis, "refused");
        var detail = refusal.ToAudit();
        detail["kind"] = JobKind.Diagnosis;
        await audit.WriteAsync(AuditAction.AccessRefused, requester.Name, detail, cancellationToken);
        return new DiagnosisDecision.Forbidden(refusal);
    }

    /// <summary>There was too little of the processor to judge the bundle. At another time there may be more.</summary>
    public Task<DiagnosisDecision> RefuseBusyAsync(Requester requester, CancellationToken cancellationToken) =>
        RefuseAsync(new DiagnosisDecision.Busy(), requester, new() { ["faults"] = "busy" }, cancellationToken);

    /// <summary>The body was not taken.</summary>
    public Task<DiagnosisDecision> RefuseAsync(BodyRefusal refusal, Requester requester, CancellationToken cancellationToken) =>
        RefuseAsync(new DiagnosisDecision.BadBody(refusal), requester, new() { ["faults"] = refusal.AuditName }, cancellationToken);

    /// <summary>No model of that name is registered.</summary>
    public Task<DiagnosisDecision> RefuseAsync(DiagnosisDecision.UnknownTarget target, Requester requester, CancellationToken cancellationToken) =>
        RefuseAsync(target, requester, new() { ["faults"] = "target_diagnosis" }, cancellationToken);

    /// <summary>What came is not valid FHIR, or not what it must be.</summary>
    public Task<DiagnosisDecision> RefuseAsync(IReadOnlyList<FhirIssue> issues, Requester requester, CancellationToken cancellationToken) =>
        RefuseAsync(new DiagnosisDecision.InvalidBundle(issues), requester, new() { ["faults"] = "fhir_bundle", ["issues"] = issues.Count }, cancellationToken);

    /// <summary>The call around the bundle was refused before a bundle was read.</summary>
    public Task<DiagnosisDecision> RefuseAsync(DiagnosisDecision.BadCall call, Requester requester, CancellationToken cancellationToken) =>
        RefuseAsync(call, requester, new() { ["faults"] = "call", ["code"] = call.Issues[0].Code }, cancellationToken);

    private async Task<DiagnosisDecision> RefuseAsync(
        DiagnosisDecision decision, Requester requester, AuditDetail detail, CancellationToken cancellationToken)
    {
        metrics.Requested(JobKind.Diagnosis, "refused");
        detail["kind"] = JobKind.Diagnosis;
        await audit.WriteAsync(AuditAction.RequestRefused, requester.Name, detail, cancellationToken);
        return decision;
    }

    private static string DigestOf(DiagnosisEnvelope envelope, Project? project)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{envelope.ClientId}\n{envelope.Target}\n{envelope.Webhook?.AbsoluteUri}\n{envelope.Patient?.Server} {envelope.Patient?.Reference}\n{(project is null ? "" : $"{project.Key}\n")}"));
        hash.AppendData(envelope.Bundle.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
