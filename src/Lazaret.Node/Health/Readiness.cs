using System.Text.Json.Serialization;

namespace Lazaret.Node.Health;

/// <summary>Which kinds of work the node can do now.</summary>
/// <param name="Ready">Whether it can admit or run anything: the status code says the same.</param>
/// <param name="Admission">What everything else rests on: requests can be written down, and sealed.</param>
/// <param name="Cohort">Cohort jobs.</param>
/// <param name="Diagnosis">Diagnoses.</param>
/// <param name="NotReady">Every check that failed, of whatever capability, and why.</param>
internal sealed record Readiness(
    [property: JsonPropertyName("ready")] bool Ready,
    [property: JsonPropertyName("admission")] Capability Admission,
    [property: JsonPropertyName("cohort")] Capability Cohort,
    [property: JsonPropertyName("diagnosis")] Capability Diagnosis,
    [property: JsonPropertyName("not_ready")] IReadOnlyDictionary<string, string> NotReady)
{
    private const string Reason = "its operator finds the cause in the log, and at this address with their key";

    /// <summary>The names of the checks that were made.</summary>
    [JsonIgnore]
    public IEnumerable<string> Examined => new[] { Admission, Cohort, Diagnosis }.Where(capability => capability.Used).SelectMany(capability => capability.Checks.Keys).Distinct(StringComparer.Ordinal);

    public static Readiness Of(Capability admission, Capability cohort, Capability diagnosis)
    {
        var failed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, check) in new[] { admission, cohort, diagnosis }.Where(capability => capability.Used).SelectMany(capability => capability.Checks).Where(check => !check.Value.Ok))
        {
            // Images of models and of analyses are two checks of one name.
            if (!failed.TryGetValue(name, out var before))
                failed[name] = check.Why;
            else if (before != check.Why)
                failed[name] = $"{before}; {check.Why}";
        }

        return new Readiness(admission.Ready, admission, cohort, diagnosis, failed);
    }

    /// <summary>For strangers: the reasons name folders and settings.</summary>
    public Readiness WithoutReasons() => new(Ready, Cleared(Admission), Cleared(Cohort), Cleared(Diagnosis), NotReady.ToDictionary(fault => fault.Key, _ => Reason, StringComparer.Ordinal));

    private static Capability Cleared(Capability capability) => capability with
    {
        Checks = capability.Checks.ToDictionary(check => check.Key, check => check.Value with { Why = check.Value.Ok ? "" : Reason }, StringComparer.Ordinal),
    };
}

/// <summary>A kind of work.</summary>
/// <param name="Ready">Whether each of its checks that it needs passed.</param>
/// <param name="Used">False where the site does without it by choice, as one without a data view does without cohorts.</param>
/// <param name="Checks">By name.</param>
internal sealed record Capability(
    [property: JsonPropertyName("ready")] bool Ready,
    [property: JsonPropertyName("used")] bool Used,
    [property: JsonPropertyName("checks")] IReadOnlyDictionary<string, Check> Checks)
{
    public static Capability Of(IReadOnlyDictionary<string, Check> checks, bool used = true) => new(used && checks.Values.All(check => check.Ok || !check.Needed), used, checks);
}

/// <summary>Whether one thing that a kind of work needs is there.</summary>
/// <param name="Needed">False for what the node can do without for a while.</param>
/// <param name="Why">Empty where nothing is wrong.</param>
internal sealed record Check(
    [property: JsonPropertyName("ok")] bool Ok,
    [property: JsonPropertyName("needed")] bool Needed,
    [property: JsonPropertyName("why")] string Why)
{
    /// <param name="fault">Null where nothing is wrong.</param>
    public static Check Of(string? fault, bool needed = true) => new(fault is null, needed, fault ?? "");
}
