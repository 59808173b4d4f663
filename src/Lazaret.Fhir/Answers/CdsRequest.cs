using Lazaret.Fhir.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>The body of a call of a CDS Hooks service (https://cds-hooks.hl7.org/2.0/#calling-a-cds-service).</summary>
public sealed class CdsRequest
{
    private const int MaxIgnored = 20;
    private const int LongestName = 60;

    // fhirAuthorization is a bearer token for the client's own server: it is never looked at, so that it can get nowhere.
    private static readonly string[] Members = ["hook", "hookInstance", "context", "prefetch", "fhirServer", "fhirAuthorization", "extension"];

    // Those of patient-view.
    private static readonly string[] ContextMembers = ["userId", "patientId", "encounterId"];

    private CdsRequest(CdsPrefetch prefetch, AskedPatient patient) => (Prefetch, Patient) = (prefetch, patient);

    public CdsPrefetch Prefetch { get; }

    /// <summary>The patient of the context, on the client's FHIR server.</summary>
    public AskedPatient Patient { get; }

    /// <summary>The names of members that the specification does not have, and that were not looked at.</summary>
    public IReadOnlyList<string> Ignored { get; private init; } = [];

    /// <summary>The call; null when it is none of this service, and then everything that is wrong with it.</summary>
    public static CdsRequest? Read(ReadOnlyMemory<byte> body, out IReadOnlyList<FhirIssue> faults)
    {
        if (JsonMembers.Find(body, Members) is not [var hook, var instance, var context, var prefetch, var server, ..])
        {
            faults = [new(IssueSeverity.Error, "structure", "", "the body must be a CDS Hooks request: a JSON object with hook, hookInstance, context and prefetch, each once")];
            return null;
        }

        var found = new List<FhirIssue>();
        if (hook?.AsText() is not { } called)
            found.Add(new(IssueSeverity.Error, "required", "hook", "hook must be a text"));
        else if (called != CdsServices.Hook)
            found.Add(new(IssueSeverity.Error, "not-supported", "hook", $"hook must be {CdsServices.Hook}: the services of this node are for no other hook"));
        if (instance?.AsText() is null)
            found.Add(new(IssueSeverity.Error, "required", "hookInstance", "hookInstance must be a text"));
        var patient = AskedPatient.Read(Text(context, "patientId") ?? "", "context.patientId", server?.AsText());
        if (context is { } spelled && spelled.IsObject() && Unknown(spelled, ContextMembers).Exists(IsPatientId))
            found.Add(new(IssueSeverity.Error, "structure", "context.patientId", "context names the patient in two spellings, or in another than patientId"));
        else if (patient is null)
            found.Add(new(IssueSeverity.Error, "required", "context.patientId", "context.patientId must be the id of one patient"));
        if (server is { } value && !value.IsNull() && !Uri.TryCreate(value.AsText(), UriKind.Absolute, out _))
            found.Add(new(IssueSeverity.Error, "value", "fhirServer", "fhirServer must be an absolute URL"));
        // Without one there are no data: that is not a malformed call.
        var data = prefetch is { } items && !items.IsNull() ? CdsPrefetch.Read(items) : CdsPrefetch.Read("{}"u8.ToArray());
        if (data is null)
            found.Add(new(IssueSeverity.Error, "structure", "prefetch", "prefetch must be an object that has each key once, and no more than a model may ask for"));
        faults = found;
        return found.Count > 0 ? null : new CdsRequest(data!, patient!)
        {
            HasPrefetch = prefetch is { } sent && !sent.IsNull(),
            Ignored = [.. Unknown(body, Members).Concat(context is { } around && around.IsObject() ? Unknown(around, ContextMembers).Select(name => $"context.{name}") : []).Take(MaxIgnored)],
        };
    }

    /// <summary>Whether there is a prefetch at all.</summary>
    public bool HasPrefetch { get; private init; }

    private static string? Text(ReadOnlyMemory<byte>? json, string name) =>
        json is { } value && value.IsObject() && JsonMembers.Find(value, name) is [{ } member] ? member.AsText() : null;

    private static bool IsPatientId(string name) => string.Equals(string.Concat(name.Where(char.IsLetter)), "patientid", StringComparison.OrdinalIgnoreCase);

    private static List<string> Unknown(ReadOnlyMemory<byte> json, string[] known)
    {
        var unknown = new List<string>();
        JsonMembers.ForEach(json, (quoted, _) =>
        {
            if (unknown.Count < MaxIgnored && (quoted.Length > 6 * LongestName ? "(a long name)" : quoted.AsText()) is { } name && !known.Contains(name, StringComparer.Ordinal))
                unknown.Add(name.Length > LongestName ? "(a long name)" : name);
        });
        return unknown;
    }
}
