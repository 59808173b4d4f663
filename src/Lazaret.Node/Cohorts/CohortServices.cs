using Lazaret.Node.Cohorts.Approvals;
using Lazaret.Node.Cohorts.Budgets;
using Lazaret.Node.Cohorts.Receipts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Runs;

namespace Lazaret.Node.Cohorts;

internal static class CohortServices
{
    public static IServiceCollection AddCohorts(this IServiceCollection services, DataOptions data, CohortOptions options) => services
        .AddSingleton(data)
        .AddSingleton(options)
        .AddSingleton<CohortGate>()
        .AddSingleton<VisitingGate>()
        .AddSingleton<BuiltInAnalysis>()
        .AddSingleton<RegisteredAnalysis>()
        .AddSingleton<CohortSite>()
        .AddSingleton<ReadableData>()
        .AddSingleton<ViewAgreement>()
        .AddSingleton<SiteStore>()
        .AddSingleton<GuestProgram>()
        .AddSingleton<MapReading>()
        .AddSingleton<CohortAdmission>()
        .AddSingleton<CatalogTasks>()
        .AddSingleton<CohortEvents>()
        .AddSingleton<CohortReceipts>()
        .AddSingleton<BudgetDesk>()
        .AddSingleton<ProjectApproval>()
        .AddSingleton<IJobProcedure, CohortProcedure>();
}
