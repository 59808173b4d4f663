using System.Text.Json;
using Lazaret.Fhir.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>The body of <c>Library/{key}/$evaluate</c>: a Bundle as it is, or Parameters with <c>data</c> and perhaps <c>subject</c>.</summary>
/// <param name="Bundle">As the bytes that came: whoever decides on it validates it.</param>
/// <param name="Place">Where it stands in the body.</param>
/// <param name="Subject">The patient asked about; null when the body does not say.</param>
public sealed record EvaluateRequest(ReadOnlyMemory<byte> Bundle, string Place, AskedPatient? Subject)
{
    private const string Data = "data";
    private const string SubjectName = "subject";

    /// <summary>The request; null when the body is not one, and then everything that is wrong with it.</summary>
    public static EvaluateRequest? Read(ReadOnlyMemory<byte> body, FhirBudget budget, out IReadOnlyList<FhirIssue> issues)
    {
        issues = [];
        if (!IsParameters(body))
            return new EvaluateRequest(body, "Bundle", Subject: null);
        var (shell, data) = TakeData(body);
        if (FhirValidator.Validate(shell, budget) is { IsValid: false } validation)
        {
            issues = validation.Issues;
            return null;
        }

        var faults = new List<FhirIssue>();
        var subject = ReadParameters(shell, faults);
        if (data.Count != 1)
            faults.Add(new(IssueSeverity.Error, "required", "Parameters.parameter", $"there must be one parameter '{Data}' with the bundle as its resource, and there are {data.Count}"));
        issues = faults;
        return faults.Count == 0 ? new EvaluateRequest(data[0].Bundle, data[0].Place, subject) : null;
    }

    /// <summary>A place in the bundle, as one in the body.</summary>
    public string ToBody(string place) => place.StartsWith("Bundle", StringComparison.Ordinal) ? Place + place["Bundle".Length..] : place;

    private static AskedPatient? ReadParameters(ReadOnlyMemory<byte> shell, List<FhirIssue> faults)
    {
        using var document = JsonDocument.Parse(shell, new JsonDocumentOptions { MaxDepth = FhirValidator.MaxDepth });
        if (!document.RootElement.TryGetProperty("parameter", out var parameters))
            return null;
        AskedPatient? subject = null;
        var index = -1;
        foreach (var parameter in parameters.EnumerateArray())
        {
            var place = $"Parameters.parameter[{++index}]";
            switch (parameter.TryGetProperty("name", out var name) ? name.GetString() : null)
            {
                case Data:
                    break;
                case SubjectName when subject is not null:
                    faults.Add(new(IssueSeverity.Error, "structure", place, "the parameter 'subject' is there twice"));
                    break;
                case SubjectName:
                    subject = SubjectOf(parameter);
                    if (subject is null)
                        faults.Add(new(IssueSeverity.Error, "value", place, "the parameter 'subject' must name one Patient, as valueString 'Patient/1' or as valueReference with a reference"));
                    break;
                case var other:
                    faults.Add(new(IssueSeverity.Error, "not-supported", place, $"'{other}' is no parameter of this operation: it takes '{Data}' and '{SubjectName}', and nothing that is not sent"));
                    break;
            }
        }

        return subject;
    }

    private static AskedPatient? SubjectOf(JsonElement parameter)
    {
        var text = parameter.TryGetProperty("valueReference", out var reference) && reference.TryGetProperty("reference", out var target) ? target.GetString()
            : parameter.TryGetProperty("valueString", out var value) || parameter.TryGetProperty("valueId", out value) || parameter.TryGetProperty("valueUri", out value) ? value.GetString()
            : null;
        return text is null ? null : AskedPatient.Read(text, "the parameter 'subject'");
    }

    // The body with an empty bundle in the place of each that it brings: the code that decides on them reads them, by its own rules.
    private static (ReadOnlyMemory<byte> Shell, List<(ReadOnlyMemory<byte> Bundle, string Place)> Data) TakeData(ReadOnlyMemory<byte> body)
    {
        var data = new List<(ReadOnlyMemory<byte> Bundle, string Place)>();
        if (JsonMembers.Find(body, "parameter") is not [{ } parameters] || !parameters.IsArray())
            return (body, data);
        using var shell = new MemoryStream();
        var index = 0;
        WriteMembers(shell, body, name => name.Is("parameter"u8), () =>
        {
            shell.WriteByte((byte)'[');
            JsonMembers.ForEach(parameters, (_, parameter) =>
            {
                var place = $"Parameters.parameter[{index}].resource";
                if (index++ > 0)
                    shell.WriteByte((byte)',');
                if (!parameter.IsObject() || JsonMembers.Find(parameter, "name", "resource") is not [{ } called, { } resource] || called.AsText() != Data
                    || !resource.IsObject() || JsonMembers.Find(resource, "resourceType") is not [{ } type] || type.AsText() != "Bundle")
                {
                    shell.Write(parameter.Span);
                    return;
                }

                data.Add((resource, place));
                WriteMembers(shell, parameter, name => name.Is("resource"u8), () => shell.Write("{\"resourceType\":\"Bundle\",\"type\":\"collection\"}"u8));
            });
            shell.WriteByte((byte)']');
        });
        return (shell.ToArray(), data);
    }

    private static void WriteMembers(MemoryStream to, ReadOnlyMemory<byte> json, Predicate<ReadOnlyMemory<byte>> isReplaced, Action replace)
    {
        to.WriteByte((byte)'{');
        var first = true;
        JsonMembers.ForEach(json, (name, value) =>
        {
            if (!first)
                to.WriteByte((byte)',');
            first = false;
            to.Write(name.Span);
            to.WriteByte((byte)':');
            if (isReplaced(name))
                replace();
            else
                to.Write(value.Span);
        });
        to.WriteByte((byte)'}');
    }

    // What is not a sound object, the validator refuses: it is passed on as the bundle.
    private static bool IsParameters(ReadOnlyMemory<byte> body) => JsonMembers.Find(body, "resourceType") is [{ } type] && type.AsText() == "Parameters";
}
