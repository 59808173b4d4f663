using Lazaret.Node.Diagnoses.CdsHooks;
using Lazaret.Node.Runs;

namespace Lazaret.Node.Diagnoses;

public static class DiagnosisServices
{
    public static IServiceCollection AddDiagnoses(this IServiceCollection services, DiagnosisOptions options, FhirOptions fhir, CdsHooksOptions cdsHooks) => services
        .AddSingleton(options)
        .AddSingleton(fhir)
        .AddSingleton(cdsHooks)
        .AddSingleton<FhirJudging>()
        .AddSingleton<DiagnosisAdmission>()
        .AddSingleton<CdsFeedbackRecord>()
        .AddSingleton<DiagnosisReceipts>()
        .AddSingleton<RunForecast>()
        .AddSingleton<IJobProcedure, DiagnosisProcedure>();
}
