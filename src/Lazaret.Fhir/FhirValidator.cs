using System.Text.Json;
using System.Text.Unicode;

namespace Lazaret.Fhir;

/// <summary>The one entry through which untrusted FHIR R4 JSON comes in.</summary>
public static class FhirValidator
{
    /// <summary>The deepest nesting of objects and arrays that is read.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Judges one resource.</summary>
    public static FhirValidation Validate(ReadOnlyMemory<byte> json)
    {
        var issues = new List<FhirIssue>();
        if (!Utf8.IsValid(json.Span))
            issues.Add(Fatal("the bytes are not valid UTF-8"));
        else
            Scan(json, issues);
        return new FhirValidation(issues);
    }

    private static void Scan(ReadOnlyMemory<byte> json, List<FhirIssue> issues)
    {
        try
        {
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    _ = reader.GetString();
            }

            using var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                issues.Add(Fatal("the root must be an object"));
        }
        catch (JsonException failure)
        {
            issues.Add(Fatal($"not valid JSON at line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}, "
                + "or a property is there twice"));
        }
        catch (InvalidOperationException)
        {
            issues.Add(Fatal("a string holds half of a surrogate pair"));
        }
    }

    private static FhirIssue Fatal(string words) => new(IssueSeverity.Fatal, "structure", "", words);
}
