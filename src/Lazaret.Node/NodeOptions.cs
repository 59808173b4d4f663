using Lazaret.Cohort.Faults;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Delivery;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Diagnoses.CdsHooks;
using Lazaret.Node.Health;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Programs;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Lazaret.Node.Retention;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node;

/// <summary>The whole of the section <c>Lazaret</c>. A test compares <c>docs/configuration.md</c> with these records.</summary>
public sealed record NodeOptions
{
    public const string Section = "Lazaret";

    public SiteOptions Site { get; init; } = new();

    public DataOptions Data { get; init; } = new();

    /// <summary>The folder for what the node writes: database, cohort store, registered models, encryption keys. var.</summary>
    public string State { get; init; } = "var";

    public DatabaseOptions Database { get; init; } = new();

    public KeyOptions Keys { get; init; } = new();

    public AuditOptions Audit { get; init; } = new();

    public QueueOptions Queue { get; init; } = new();

    public SandboxOptions Sandbox { get; init; } = new();

    public DisclosureOptions Disclosure { get; init; } = new();

    public AuthOptions Auth { get; init; } = new();

    public TlsOptions Tls { get; init; } = new();

    public ProjectOptions Projects { get; init; } = new();

    public HttpOptions Http { get; init; } = new();

    public CohortOptions Cohorts { get; init; } = new();

    public DiagnosisOptions Diagnoses { get; init; } = new();

    public FhirOptions Fhir { get; init; } = new();

    public CdsHooksOptions CdsHooks { get; init; } = new();

    public ProgramOptions Models { get; init; } = new();

    public JobOptions Jobs { get; init; } = new();

    public RunOptions Runs { get; init; } = new();

    public RetentionOptions Retention { get; init; } = new();

    public HealthOptions Health { get; init; } = new();

    public LoggingOptions Logging { get; init; } = new();

    public WebhookOptions Webhooks { get; init; } = new();

    internal StateFolder StateFolder() => new(State, Sandbox.SharedGroup);

    /// <summary>Everything that is wrong, one line each.</summary>
    public FaultList<string> Faults()
    {
        var faults = new OptionFaults();
        if (string.IsNullOrWhiteSpace(Site.Name))
            faults.Add("Site:Name", "is empty: name the institution");
        if (string.IsNullOrWhiteSpace(State))
            faults.Add("State", "is empty: name a folder");
        Database.Check(faults);
        Keys.Check(faults);
        Audit.Check(faults);
        Queue.Check(faults);
        Sandbox.Check(faults);
        Disclosure.Check(faults);
        Auth.Check(faults);
        Tls.Check(faults);
        Http.Check(faults, Math.Max(Cohorts.MaxUploadMiB, Diagnoses.MaxRequestMiB));
        Cohorts.Check(faults);
        Diagnoses.Check(faults);
        Fhir.Check(faults);
        CdsHooks.Check(faults);
        Models.Check(faults);
        Jobs.Check(faults);
        Runs.Check(faults);
        Retention.Check(faults);
        Webhooks.Check(faults);
        Health.Check(faults);
        Logging.Check(faults);
        return faults.Lines;
    }
}
