using System.Text.Json.Nodes;

namespace Lazaret.Tests.Fhir;

/// <summary>A bundle in which one patient's name stands in every place that may hold text, short of what a model asks for.</summary>
internal static class PlantedName
{
    public const string Name = "Qvzxfamily";

    /// <param name="bundle">A collection of one Patient and Observations of hers, the Patient first.</param>
    public static JsonNode In(JsonNode bundle)
    {
        var planted = JsonNode.Parse(bundle.ToJsonString().Replace("septic", Name, StringComparison.Ordinal))!;
        planted["id"] = Name;
        planted["identifier"] = JsonNode.Parse($$"""{"system":"http://{{Name}}.example","value":"{{Name}}","assigner":{"display":"{{Name}}"} }""");
        planted["link"] = JsonNode.Parse($$"""[{"relation":"self","url":"http://x.example/Patient?name={{Name}}"}]""");
        foreach (var entry in planted["entry"]!.AsArray())
            Plant(entry!["resource"]!);
        planted["entry"]!.AsArray().Add(JsonNode.Parse(Unasked(planted["entry"]![0]!["resource"]!["id"]!.ToString())));
        return planted;
    }

    private static void Plant(JsonNode resource)
    {
        resource["text"] = JsonNode.Parse($$"""{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" title=\"{{Name}}\">{{Name}}</div>"}""");
        resource["language"] = Name;
        resource["meta"] = JsonNode.Parse($$"""{"source":"http://{{Name}}.example","profile":["http://{{Name}}.example"],"tag":[{"code":"{{Name}}","display":"{{Name}}"}]}""");
        resource["extension"] = JsonNode.Parse($$"""
            [{"url":"http://{{Name}}.example","valueString":"{{Name}}"},
            {"url":"http://x.example","valueReference":{"reference":"#{{Name}}","display":"{{Name}}","identifier":{"value":"{{Name}}"} } }]
            """);
        resource["contained"] = JsonNode.Parse($$"""[{"resourceType":"Organization","id":"{{Name}}","name":"{{Name}}","alias":["{{Name}}"]}]""");
        resource["identifier"] = JsonNode.Parse($$"""[{"system":"http://{{Name}}.example","value":"{{Name}}","type":{"text":"{{Name}}"} }]""");
        if ((string?)resource["resourceType"] == "Patient")
        {
            resource["name"] = JsonNode.Parse($$"""[{"family":"{{Name}}","given":["{{Name}}"],"text":"{{Name}}","_family":{"id":"{{Name}}"} }]""");
            resource["address"] = JsonNode.Parse($$"""[{"line":["{{Name}}"],"city":"{{Name}}"}]""");
            resource["telecom"] = JsonNode.Parse($$"""[{"system":"email","value":"{{Name}}@x.example"}]""");
            resource["contact"] = JsonNode.Parse($$"""[{"name":{"text":"{{Name}}"} }]""");
            return;
        }

        resource["note"] = JsonNode.Parse($$"""[{"authorString":"{{Name}}","text":"{{Name}}"}]""");
        resource["performer"] = JsonNode.Parse($$"""[{"reference":"Practitioner/{{Name}}","display":"{{Name}}"}]""");
        resource["method"] = JsonNode.Parse($$"""{"text":"{{Name}}"}""");
        resource["device"] = JsonNode.Parse($$"""{"display":"{{Name}}"}""");
        resource["interpretation"] = JsonNode.Parse($$"""[{"coding":[{"system":"http://{{Name}}.example","code":"{{Name}}"}]}]""");
        resource["referenceRange"] = JsonNode.Parse($$"""[{"text":"{{Name}}"}]""");
        resource["subject"]!["display"] = Name;
        resource["code"]!["text"] = Name;
        resource["code"]!["id"] = Name;
        resource["code"]!["coding"]![0]!["display"] = Name;
        resource["code"]!["coding"]!.AsArray().Add(JsonNode.Parse($$"""{"system":"http://{{Name}}.example","code":"{{Name}}"}"""));
        if (resource["valueQuantity"] is { } quantity)
            quantity["unit"] = Name;
        if (resource["valueCodeableConcept"] is { } concept)
            concept["text"] = Name;
    }

    private static string Unasked(string patient) => $$"""
        {"fullUrl":"http://ehr.example.org/fhir/Observation/{{Name}}","resource":{"resourceType":"Observation","id":"{{Name}}","status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"48767-8"}],"text":"{{Name}}"},"subject":{"reference":"Patient/{{patient}}"},
        "valueString":"{{Name}}","component":[{"code":{"text":"{{Name}}"},"valueString":"{{Name}}"}]} }
        """;
}
