using Lazaret.Cohort;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;
using Lazaret.Disclosure;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Lazaret.Node.Runs;

namespace Lazaret.Node.Cohorts;

/// <summary>Prepares the sandbox run of a cohort job. The job's task says which analysis runs.</summary>
internal sealed class CohortProcedure(
    CohortSite site, GuestProgram guest, ViewAgreement agreement, BuiltInAnalysis builtIn, RegisteredAnalysis registered, ProjectDirectory projects, DisclosureOptions disclosure, DisclosureSecret secret) : IJobProcedure
{
    public JobKind Kind => JobKind.Cohort;

    public async Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken)
    {
        var lacks = new List<Lack>(await registered.FindLacksAsync(cancellationToken));
        // Workers ask before every claim, of diagnoses too.
        if (site.Read(CohortSite.Soon, out var why) is not { } data)
            lacks.Add(new Lack("data", why, Kind) { IsWanted = !site.IsUnused });
        else if (await agreement.FaultAsync(data, cancellationToken) is { } other)
            lacks.Add(new Lack("data", other, Kind));
        if (guest.Fault() is { } fault)
            lacks.AddRange(AnalysisContract.BuiltIn.Select(task => new Lack("guest", fault, Kind, task)));
        return lacks;
    }

    public async Task<Preparation> PrepareAsync(ClaimedJob claimed, byte[] input, CancellationToken cancellationToken)
    {
        if (site.Read(out var why) is not { } data)
            return new Preparation.NotHere(why);
        if (site.FaultOf(data) is { } gone)
            return new Preparation.NotHere(gone);
        if (await agreement.FaultAsync(data, cancellationToken) is { } other)
            return new Preparation.NotHere(other);
        var request = CohortRequest.Read(claimed.Job.Request);
        // A project that was closed meanwhile still says how small a cohort may be.
        var project = claimed.Job.Project is { } key
            ? await projects.FindAsync(key, cancellationToken) ?? throw new InvalidOperationException($"project {key} is gone from the database")
            : null;
        var minimum = disclosure.MinimumOf(project);
        if (CohortQuery.Parse(request.Fields, data.CatalogOf(minimum), Asker.Requester) is not QueryParse.Accepted { Query: var query })
            return new Preparation.Impossible("what it asks for is not in the catalog any more");
        var asked = new AskedCohort
        {
            Job = claimed.Job,
            Request = request,
            Project = project,
            Data = data,
            Query = query,
            Selection = CohortSelection.Of(data.View, query),
            Subjects = new RowSubjects(data.View, disclosure.Has(DisclosureControlName.People)),
            Draws = query.Null == NullModel.Spatial ? disclosure.Surrogates : query is { Null: NullModel.Permutation, Folds: not null } ? disclosure.Permutations : 0,
            Key = await secret.GetAsync(cancellationToken),
        };
        return request.Version is null
            ? await builtIn.PrepareAsync(claimed, asked, input, cancellationToken)
            : await registered.PrepareAsync(claimed, asked, input, cancellationToken);
    }
}
