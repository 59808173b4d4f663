using System.Globalization;
using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>Turns Observations, Conditions and medications, with their contained ones, into <see cref="ClinicalEntry"/>.</summary>
internal static class ClinicalEntryReader
{
    public static IEnumerable<ClinicalEntry> Read(BundleEntry entry, EntryIndex index)
    {
        if (Read(entry.Resource, entry, index, isContained: false) is { } own)
            yield return own;
        foreach (var contained in entry.Resource.Items("contained"))
        {
            if (Read(contained, entry, index, isContained: true) is { } inner)
                yield return inner;
        }
    }

    // Coverage has a beneficiary, ResearchSubject an individual, Task somebody it is for.
    public static readonly string[] SubjectNames = ["subject", "patient", "beneficiary", "individual", "for"];

    /// <summary>
    /// The patients that a resource says it is about, null for a reference that cannot be resolved, and the members that say so. A URN
    /// outside the bundle may be a patient, so it counts as one.
    /// </summary>
    public static IEnumerable<(string? Patient, string Member)> SubjectsOf(JsonElement resource, BundleEntry entry, EntryIndex index)
    {
        foreach (var name in SubjectNames)
        {
            if (resource.Member(name) is not { } member)
                continue;
            var references = member.ValueKind == JsonValueKind.Array ? member.EnumerateArray() : Enumerable.Repeat(member, 1);
            foreach (var reference in references)
            {
                if (IsUnresolved(reference, entry, index))
                    yield return (null, name);
                else if (index.Resolve(reference, entry) is { Type: null or "Patient" } patient)
                    yield return (patient.Identity, name);
            }
        }
    }

    private static ClinicalEntry? Read(JsonElement resource, BundleEntry entry, EntryIndex index, bool isContained)
    {
        var hasModifier = entry.HasModifier || resource.HasModifier();
        var subjects = SubjectsOf(resource, entry, index).ToList();
        var patient = subjects.Find(subject => subject.Patient is not null).Patient;
        var unresolved = patient is null && subjects is [var (_, member), ..] ? $"{entry.Place}.resource.{member}" : null;
        return resource.Text("resourceType") switch
        {
            "Observation" => new ObservationEntry
            {
                Source = entry.Source,
                Patient = patient,
                UnresolvedSubject = unresolved,
                Codes = resource.Codings("code"),
                Time = Time(resource, "effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming"),
                Issued = PossibleTime.Parse(resource.Text("issued"))?.Earliest,
                HasModifier = hasModifier,
                IsContained = isContained,
                Status = resource.Text("status") ?? "",
                HasForeignFocus = resource.Items("focus").Any(focus => index.Resolve(focus, entry)?.Identity is var target
                    && (target is null || target != patient)),
                Value = Value(resource),
                Components = [.. resource.Items("component").Select(component =>
                    new ObservationPart(component.Codings("code"), Value(component), component.HasModifier()))],
            },
            "Condition" => new ConditionEntry
            {
                Source = entry.Source,
                Patient = patient,
                UnresolvedSubject = unresolved,
                Codes = resource.Codings("code"),
                Time = Time(resource, "recordedDate", "onsetDateTime", "onsetPeriod"),
                HasModifier = hasModifier,
                IsContained = isContained,
                ClinicalStatus = StatusCode(resource, "clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", ConditionEntry.ActiveStatuses, ConditionEntry.EndedStatuses),
                VerificationStatus = StatusCode(resource, "verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", ConditionEntry.Verifications),
            },
            "MedicationRequest" or "MedicationStatement" => new MedicationEntry
            {
                Source = entry.Source,
                Patient = patient,
                UnresolvedSubject = unresolved,
                Codes = MedicationCodes(resource, entry, index),
                Time = Time(resource, "authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted"),
                HasModifier = hasModifier,
                IsContained = isContained,
                Status = resource.Text("status") ?? "",
                Forbids = resource.IsTrue("doNotPerform"),
                IsTaken = resource.Text("intent") is not ("proposal" or "plan" or "option"),
            },
            _ => null,
        };
    }

    // A reference to another type than Patient is not about a patient, whether it can be resolved or not. A reference by a search never names one patient.
    private static bool IsUnresolved(JsonElement reference, BundleEntry entry, EntryIndex index)
    {
        if (reference.Text("reference") is not { Length: > 0 } text)
            return false;
        if (text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query)
            return text[(text.LastIndexOf('/', query) + 1)..query] == "Patient";
        return index.Resolve(reference, entry) is null && (ResourceUrl.Parse(text)?.Type ?? reference.Text("type")) is null or "Patient";
    }

    private static IReadOnlyList<Coding> MedicationCodes(JsonElement resource, BundleEntry entry, EntryIndex index)
    {
        if (resource.Member("medicationReference") is not { } reference)
            return resource.Codings("medicationCodeableConcept");
        if (reference.Text("reference") is ['#', .. var id])
            return entry.Contained(id)?.Codes ?? [];
        return index.Resolve(reference, entry) is { } target ? index.Find(target)?.Itself.Codes ?? [] : [];
    }

    private static string? StatusCode(JsonElement resource, string name, string system, params string[][] alike) =>
        resource.Member(name) is null ? null : TheCode(resource, name, system, alike) ?? "";

    // Several codes of one system are one statement only where they agree: one that says confirmed and one that says refuted together say nothing.
    private static string? TheCode(JsonElement resource, string name, string system, params string[][] alike)
    {
        var codes = resource.Codings(name).Where(coding => coding.System == system).Select(coding => coding.Code).Distinct(StringComparer.Ordinal).ToList();
        return codes.Count == 1 || Array.Exists(alike, group => codes.TrueForAll(code => group.Contains(code, StringComparer.Ordinal))) ? codes.FirstOrDefault() : null;
    }

    /// <summary>The first of the elements that is there. A present element that fixes no time ends the search.</summary>
    private static PossibleTime? Time(JsonElement resource, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (resource.Member(name) is not { } member)
                continue;
            if (member.ValueKind == JsonValueKind.String)
                return PossibleTime.Parse(member.GetString());
            return name.EndsWith("Timing", StringComparison.Ordinal) ? Span(member) : Period(member);
        }

        return null;
    }

    private static PossibleTime Period(JsonElement period)
    {
        var end = PossibleTime.Parse(period.Text("end"));
        return new(PossibleTime.Parse(period.Text("start"))?.Earliest, end?.Latest) { EarliestEnd = end?.Earliest };
    }

    private static PossibleTime? Span(JsonElement timing)
    {
        var events = timing.Items("event").Select(item => PossibleTime.Parse(item.GetString())).ToList();
        return events.Count == 0 || events.Contains(null)
            ? null
            : new PossibleTime(events.Min(time => time!.Earliest), events.Max(time => time!.Latest));
    }

    private static ObservedValue? Value(JsonElement element)
    {
        if (element.Member("dataAbsentReason") is not null)
            return new ObservedValue.Absent(TheCode(element, "dataAbsentReason", "http://terminology.hl7.org/CodeSystem/data-absent-reason"));
        if (element.Member("valueQuantity") is { } quantity)
        {
            var comparator = quantity.Member("comparator") is not null || quantity.Member("_comparator") is not null;
            return new ObservedValue.Quantity(Number(quantity.Member("value")), comparator, quantity.Text("system"), quantity.Text("code"))
            {
                Shown = quantity.Text("code") ?? quantity.Text("unit"),
            };
        }

        if (element.Member("valueInteger") is { ValueKind: JsonValueKind.Number } whole && whole.TryGetInt32(out var number))
            return new ObservedValue.Whole(number);
        if (element.Member("valueCodeableConcept") is not null)
            return new ObservedValue.Coded(element.Codings("valueCodeableConcept"));
        return element.EnumerateObject().Any(member => member.Name.StartsWith("value", StringComparison.Ordinal))
            ? new ObservedValue.Other(element.EnumerateObject().First(member => member.Name.StartsWith("value", StringComparison.Ordinal)).Name)
            : null;
    }

    /// <summary>The number exactly, or null: <see cref="decimal"/> rounds silently beyond 28 digits before or after its point.</summary>
    private static decimal? Number(JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.Number } number)
            return null;
        var token = number.GetRawText();
        var end = token.AsSpan().IndexOfAny('e', 'E') is >= 0 and var at ? at : token.Length;
        var point = token.IndexOf('.', StringComparison.Ordinal);
        var exponent = 0;
        if (end < token.Length && !int.TryParse(token.AsSpan(end + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            return null;
        var places = (point < 0 ? 0 : end - point - 1) - (long)exponent;
        return token.AsSpan(0, end).Trim('-').Length <= 28 && places <= 28
            && decimal.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }
}
