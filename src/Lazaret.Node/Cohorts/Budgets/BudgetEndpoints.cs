using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Cohorts.Budgets;

internal static class BudgetEndpoints
{
    public static void MapBudget(this IEndpointRouteBuilder node) => node.MapGet("/v1/budget", ShowAsync)
        .WithTags("Budget").WithSummary("What remains: for requesters their questions, for stewards and auditors each ledger").TakesProject();

    private static async Task<Results<Ok<BudgetAnswer>, RefusedRequest<InvalidRequest>>> ShowAsync(
        HttpRequest request, Requester requester, ProjectGate projects, BudgetDesk desk, CancellationToken cancellationToken)
    {
        var answer = new BudgetAnswer();
        if (requester.Roles.HasFlag(Roles.Requester))
        {
            var choice = await projects.ChooseAsync(request, requester, cancellationToken);
            if (choice is ProjectChoice.Refused { Refusal: var outside })
                return new RefusedRequest<InvalidRequest>(outside.ToProblem());
            answer = await desk.FindAsync(requester.Name, ((ProjectChoice.Chosen)choice).Project, cancellationToken);
        }

        return TypedResults.Ok((requester.Roles & (Roles.Steward | Roles.Auditor)) != Roles.None ? answer with { Ledgers = await desk.ListAsync(cancellationToken) } : answer);
    }
}
