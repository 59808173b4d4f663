using Lazaret.Node.Configuration;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Lazaret.Node.Telemetry;

internal static class TelemetryServices
{
    /// <summary>The name of the node's traces and metrics.</summary>
    public const string Name = "Lazaret";

    // Room for the combinations of each metric's labels is set aside at the start, some 90 bytes each: 2000 combinations, unless told otherwise. Requests are counted by route and
    // status; the others have few.
    private const string Requests = "http.server.request.duration";
    private const int MostCombinations = 200;

    public static IServiceCollection AddTelemetry(this IServiceCollection services) => services.AddMetrics();

    /// <summary>
    /// Metrics for Prometheus, and both metrics and traces over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector.
    /// The exporters read the other standard <c>OTEL_…</c> variables themselves.
    /// </summary>
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        var collected = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("lazaret", serviceVersion: NodeVersion.Current))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Name).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter()
                    .AddView(instrument => instrument.Name == Requests ? null : new MetricStreamConfiguration { CardinalityLimit = MostCombinations });
                if (collected)
                    metrics.AddOtlpExporter();
            });
        if (collected)
            telemetry.WithTracing(traces => traces.AddSource(Name).AddAspNetCoreInstrumentation(NamesOnlyRoutes).AddOtlpExporter());
        return services;
    }

    /// <summary><c>GET /metrics</c>, in the text format of Prometheus.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder node) => node.MapPrometheusScrapingEndpoint("/metrics")
        .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]), RequestLog.Quiet);

    // What a client put into the path or the query stays out of the traces.
    private static void NamesOnlyRoutes(OpenTelemetry.Instrumentation.AspNetCore.AspNetCoreTraceInstrumentationOptions options) =>
        options.EnrichWithHttpResponse = (activity, response) =>
        {
            var route = (response.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            activity.SetTag("url.path", route).SetTag("url.query", null);
        };
}
