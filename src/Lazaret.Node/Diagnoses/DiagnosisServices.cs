using Lazaret.Node.Configuration;
using Lazaret.Node.Runs;

namespace Lazaret.Node.Diagnoses;

public static class DiagnosisServices
{
    public static IServiceCollection AddDiagnoses(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Diagnoses)
        .AddSingleton(options.Fhir)
        .AddSingleton<DiagnosisAdmission>()
        .AddSingleton<RunForecast>()
        .AddSingleton<IJobProcedure, DiagnosisProcedure>();
}
