using Lazaret.Node.Configuration;
using Lazaret.Node.Runs;

namespace Lazaret.Node.Cohorts;

public static class CohortServices
{
    public static IServiceCollection AddCohorts(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Cohorts)
        .AddSingleton<CohortSite>()
        .AddSingleton<SiteStore>()
        .AddSingleton<GuestProgram>()
        .AddSingleton<CohortAdmission>()
        .AddSingleton<IJobProcedure, CohortProcedure>();
}
