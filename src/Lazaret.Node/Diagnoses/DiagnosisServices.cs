using Lazaret.Node.Runs;

namespace Lazaret.Node.Diagnoses;

public static class DiagnosisServices
{
    public static IServiceCollection AddDiagnoses(this IServiceCollection services, DiagnosisOptions options, FhirOptions fhir) => services
        .AddSingleton(options)
        .AddSingleton(fhir)
        .AddSingleton<DiagnosisAdmission>()
        .AddSingleton<RunForecast>()
        .AddSingleton<IJobProcedure, DiagnosisProcedure>();
}
