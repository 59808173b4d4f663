using System.Globalization;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The chart that a conversation begins with: good data, and what is edited in them.</summary>
internal static class ConversationChart
{
    public const string Temperature = "8310-5";
    public const string Systolic = "8480-6";
    public const string Awake = "67775-7";
    public const string Coma = "9269-2";
    public const string Diabetes = "44054006";
    public const string Mellitus = "73211009";

    public static JsonObject Chart(string edits)
    {
        var data = new Dictionary<string, JsonObject>(StringComparer.Ordinal)
        {
            [Temperature] = Measured(Temperature, "38.6", "Cel"),
            [Systolic] = Measured(Systolic, "98", "mm[Hg]"),
            [Coma] = Measured(Coma, "15", "{score}"),
            [Awake] = Observation(Loinc(Awake), TimeSpan.FromMinutes(30)),
            [Diabetes] = Condition(Snomed(Diabetes), "active", "confirmed", TimeSpan.FromMinutes(30)),
            [Mellitus] = Condition(Snomed(Mellitus), "active", "confirmed", TimeSpan.FromMinutes(30)),
        };
        data[Awake]["valueCodeableConcept"] = JsonNode.Parse("""{"coding":[{"system":"http://loinc.org","code":"LA9340-6"}]}""");
        var bundle = new JsonObject
        {
            ["resourceType"] = "Bundle",
            ["type"] = "collection",
            ["entry"] = new JsonArray(Entry("p1", new JsonObject { ["resourceType"] = "Patient" })),
        };
        foreach (var edit in edits.Split(", ", StringSplitOptions.RemoveEmptyEntries))
            Edit(bundle, data, edit.Split(' ')[0], edit.Split(' ')[^1]);
        foreach (var (code, resource) in data)
            bundle["entry"]!.AsArray().Add(Entry($"d{code}", resource));
        if (edits == "transaction")
        {
            foreach (var entry in bundle["entry"]!.AsArray())
                entry!["request"] = JsonNode.Parse("""{"method":"PUT","url":"x"}""");
        }

        return bundle;
    }

    private static void Edit(JsonObject bundle, Dictionary<string, JsonObject> data, string edit, string code)
    {
        var entries = bundle["entry"]!.AsArray();
        switch (edit)
        {
            case "none":
                data.Remove(code);
                break;
            case "resolved":
                data[code] = Condition(Snomed(code), "resolved", "confirmed", TimeSpan.FromMinutes(30));
                break;
            case "refuted":
                data[code] = Condition(Snomed(code), "active", "refuted", TimeSpan.FromMinutes(30));
                break;
            case "nosubject":
                data[code].Remove("subject");
                break;
            case "identifier" or "display":
                data[code]["subject"] = edit == "display" ? new JsonObject { ["display"] = "somebody" } : new JsonObject { ["identifier"] = new JsonObject { ["value"] = "p1" } };
                break;
            case "group":
                data[code]["subject"] = new JsonObject { ["reference"] = "Group/g" };
                break;
            case "modifier":
                data[code]["modifierExtension"] = JsonNode.Parse("""[{"url":"http://x.example","valueBoolean":true}]""");
                break;
            case "day":
                data[code]["effectiveDateTime"] = Time(TimeSpan.Zero)[..10];
                break;
            case "declined" or "masked":
                data[code] = Observation(Loinc(code), TimeSpan.FromMinutes(30));
                data[code]["dataAbsentReason"] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"{{(edit == "masked" ? edit : "asked-declined")}}"}]}""");
                break;
            case "nowhere":
                entries.Clear();
                foreach (var resource in data.Values)
                    resource["subject"] = new JsonObject { ["reference"] = "urn:uuid:33333333-3333-4333-8333-333333333333" };
                break;
            case "preliminary":
                entries.Add(Entry("newer", Newer(new() { ["status"] = "preliminary" })));
                break;
            case "words":
                entries.Add(Entry("newer", Newer(new() { ["valueQuantity"] = new JsonObject { ["value"] = 104, ["unit"] = "F" } })));
                break;
            case "stale":
                data[code]["effectiveDateTime"] = Time(TimeSpan.FromDays(2));
                break;
            case "contradicted":
                var other = data[code].DeepClone().AsObject();
                other["valueQuantity"] = Quantity("36.6", "Cel");
                entries.Add(Entry("other", other));
                break;
            case "bound":
                data[code]["valueQuantity"]!["comparator"] = "<";
                break;
            case "text" or "integer":
                data[code].Remove("valueQuantity");
                data[code][edit == "text" ? "valueString" : "valueInteger"] = edit == "text" ? JsonValue.Create("15") : JsonValue.Create(15);
                break;
            case "oral":
                data[code]["code"] = Loinc("8331-1");
                break;
            case "panel":
                var panel = Observation(Loinc("35094-2"), TimeSpan.FromMinutes(30));
                panel["component"] = new JsonArray(new JsonObject { ["code"] = Loinc(Systolic), ["valueQuantity"] = Quantity("98", "mm[Hg]") });
                data[code] = panel;
                break;
            case "ahead" or "future":
                data[code]["effectiveDateTime"] = Time(edit == "ahead" ? -TimeSpan.FromSeconds(30) : -TimeSpan.FromHours(2));
                break;
            case "transaction":
                bundle["type"] = edit;
                break;
            case "another":
                entries.Add(Entry("p2", new JsonObject { ["resourceType"] = "Patient" }));
                break;
            case "unresolvable":
                var unnamed = Entry("x", data[code]);
                unnamed["fullUrl"] = "urn:uuid:22222222-2222-4222-8222-222222222222";
                entries.Add(unnamed);
                data.Remove(code);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(edit), edit, "no such edit");
        }

        JsonObject Newer(JsonObject with)
        {
            var newer = Measured(code, "40", "Cel");
            newer["effectiveDateTime"] = Time(TimeSpan.FromMinutes(5));
            foreach (var (name, value) in with)
                newer[name] = value!.DeepClone();
            return newer;
        }
    }

    public static JsonObject Snomed(string code) => JsonNode.Parse($$"""{"coding":[{"system":"http://snomed.info/sct","code":"{{code}}"}]}""")!.AsObject();

    public static JsonObject Loinc(string code) => JsonNode.Parse($$"""{"coding":[{"system":"http://loinc.org","code":"{{code}}"}]}""")!.AsObject();

    public static JsonObject Measured(string code, string value, string unit)
    {
        var observation = Observation(Loinc(code), TimeSpan.FromMinutes(30));
        observation["valueQuantity"] = Quantity(value, unit);
        return observation;
    }

    public static JsonObject Quantity(string value, string unit) =>
        new() { ["value"] = decimal.Parse(value, CultureInfo.InvariantCulture), ["system"] = "http://unitsofmeasure.org", ["code"] = unit };

    public static JsonObject Observation(JsonObject code, TimeSpan age) => new()
    {
        ["resourceType"] = "Observation",
        ["status"] = "final",
        ["code"] = code,
        ["subject"] = new JsonObject { ["reference"] = "Patient/p1" },
        ["effectiveDateTime"] = Time(age),
    };

    public static JsonObject Condition(JsonObject code, string clinical, string verification, TimeSpan age) => new()
    {
        ["resourceType"] = "Condition",
        ["clinicalStatus"] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"{{clinical}}"}]}"""),
        ["verificationStatus"] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"{{verification}}"}]}"""),
        ["code"] = code,
        ["subject"] = new JsonObject { ["reference"] = "Patient/p1" },
        ["recordedDate"] = Time(age),
    };

    public static JsonObject Entry(string id, JsonObject resource)
    {
        resource["id"] = id;
        return new() { ["fullUrl"] = $"http://ehr.example/fhir/{resource["resourceType"]}/{id}", ["resource"] = resource };
    }

    public static string Time(TimeSpan age) => (TimeProvider.System.GetUtcNow() - age).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
