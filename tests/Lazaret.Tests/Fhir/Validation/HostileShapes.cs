using System.Globalization;
using System.Text;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Validation;

/// <summary>
/// FHIR that is made to be slow to judge: each shape grows with a number, and something in it once cost, or could cost, the square
/// of that number. bench/fhir times the same shapes.
/// </summary>
public static class HostileShapes
{
    private const string Loinc = "http://loinc.org";

    /// <summary>What a bundle among them is negotiated for.</summary>
    public static IReadOnlyList<Requirement> Requirements { get; } =
        [new ObservationRequirement { Code = "2160-0" }, new MedicationRequirement { Code = "1191", System = "http://www.nlm.nih.gov/research/umls/rxnorm" }];

    /// <summary>By name: the JSON for a number of items, each of some tens of bytes.</summary>
    public static IReadOnlyDictionary<string, Func<int, string>> All { get; } = new Dictionary<string, Func<int, string>>(StringComparer.Ordinal)
    {
        // Contained resources and local references.
        ["contained that nobody refers to"] = n => Basic($$"""
            "contained":[{{Join(n, i => $$"""{"resourceType":"Basic","code":{"text":"t"},"id":"c{{i}}"}""")}}]
            """),
        ["contained that refer to each other"] = n => Basic($$$"""
            "subject":{"reference":"#c0"},"contained":[{{{Join(n, i => $$$"""{"resourceType":"Basic","id":"c{{{i}}}","code":{"text":"t"},"subject":{"reference":"#c{{{i + 1}}}"}}""")}}}]
            """),
        ["contained with one id"] = n => Basic($$"""
            "contained":[{{Join(n, _ => """{"resourceType":"Basic","id":"c","code":{"text":"t"}}""")}}]
            """),
        ["contained that are all in focus"] = n => Bundle("collection", $$$"""
            {"resource":{"resourceType":"Observation","status":"final","code":{"text":"t"},
            "focus":[{{{Join(n, i => $$"""{"reference":"#c{{i}}"}""")}}}],
            "contained":[{{{Join(n, i => $$"""{"resourceType":"Patient","id":"c{{i}}"}""")}}}]}}
            """),
        ["contained orders of one contained medication"] = n => Bundle("collection", $$$$"""
            {"resource":{"resourceType":"List","status":"current","mode":"working",
            "entry":[{"item":{"reference":"#m"}},{{{{Join(n, i => $$$"""{"item":{"reference":"#r{{{i}}}"}}""")}}}}],
            "contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{{{{Codings(n)}}}}]}},{{{{Join(n, i => Order($"\"id\":\"r{i}\",", "#m"))}}}}]}}
            """),
        ["narratives with images of contained resources"] = n => Basic($$"""
            "text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'>{{Join(n, i => $"<img src='#c{i}'/>", "")}}</div>"},
            "contained":[{{Join(n, i => $$"""{"resourceType":"Basic","code":{"text":"t"},"id":"c{{i}}"}""")}}]
            """),

        // Nesting and width.
        ["extensions in extensions"] = n => Basic($$"""
            "extension":[{{Join((n / 20) + 1, _ => Nest(20, """{"url":"http://x","valueString":"v"}""", inner => $$"""{"url":"http://x","extension":[{{inner}}]}"""))}}]
            """),
        ["extensions with one url"] = n => Basic($$"""
            "extension":[{{Join(n, _ => """{"url":"http://x","valueString":"v"}""")}}]
            """),
        ["a wide array of objects"] = n => Patient($$"""
            "name":[{{Join(n, i => $$"""{"family":"f{{i}}","given":["a","b"]}""")}}]
            """),
        ["a wide array of primitives"] = n => Patient($$$"""
            "name":[{"given":[{{{Join(n, i => $"\"g{i}\"")}}}]} ]
            """),
        ["a wide array with partners"] = n => Patient($$$"""
            "name":[{"given":[{{{Join(n, i => i % 2 == 0 ? "null" : "\"g\"")}}}],"_given":[{{{Join(n, i => i % 2 == 0 ? """{"extension":[{"url":"http://x","valueCode":"c"}]}""" : "null")}}}]} ]
            """),
        ["a wide array whose partners come first"] = n => Patient($$$"""
            "name":[{"_given":[{{{Join(n, _ => """{"id":"a","extension":[{"url":"http://x","valueCode":"c"}]}""")}}}],"given":[{{{Join(n, _ => "\"g\"")}}}]} ]
            """),
        ["nulls without partners"] = n => Patient($$$"""
            "name":[{"given":[{{{Join(n, _ => "null")}}}]} ]
            """),
        ["bundles in bundles, each type last"] = n => Nest(14, Bundle("collection", Join(n, i => Entry($"urn:uuid:{Uuid(i)}", Basic("\"id\":\"a\"")))),
            inner => $$"""{"entry":[{"resource":{{inner}}}],"type":"collection","resourceType":"Bundle"}"""),
        ["unknown names that differ at their ends"] = n => Patient(Join(n, i => $"\"a{new string('b', 40)}{i}\":1")),
        ["one name again and again"] = n => Patient(Join(n, _ => "\"active\":true")),
        ["languages"] = n => Patient($$$"""
            "communication":[{{{Join(n, i => $$$"""{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"x-{{{i}}}"}]}}""")}}}]
            """),

        // Strings, numbers, narratives.
        ["a long code"] = n => Basic($$"""
            "extension":[{"url":"http://x","valueCode":"{{Join(n, _ => "ab cd", " ")}}"}]
            """),
        ["a long string of escapes"] = n => Basic($$"""
            "extension":[{"url":"http://x","valueString":"{{Join(n, _ => "\\u00e9\\ud83d\\ude00", "")}}"}]
            """),
        ["a long OID"] = n => Basic($$"""
            "extension":[{"url":"http://x","valueOid":"urn:oid:1{{Join(n, _ => ".10", "")}}"}]
            """),
        ["a long name before its invariant"] = n => $$"""
            {"resourceType":"ValueSet","status":"draft","name":"{{Join(n, _ => "Abc_1", "")}}"}
            """,
        ["base64 in short lines"] = n => Basic($$"""
            "extension":[{"url":"http://x","valueBase64Binary":"{{Join(n, _ => "QUJD", " ")}}"}]
            """),
        ["numbers of a thousand digits"] = n => Basic($$"""
            "extension":[{{Join((n / 10) + 1, _ => $$$"""{"url":"http://x","valueAge":{"value":{{{new string('9', 900)}}}e99,"code":"a","system":"http://unitsofmeasure.org"}}""")}}]
            """),
        ["a narrative of many tags"] = n => Narrative(Join(n, _ => "<p class='c' title='t'>a<b>b</b><br/></p>", "")),
        ["a narrative of many references"] = n => Narrative(Join(n, _ => "&amp;&#x41;", "")),
        ["a narrative of one tag with many namespaces"] = n => Narrative($"<p {Join(n, i => $"xmlns:n{i}='u'", " ")}>a</p>"),
        ["a narrative of nested tags"] = n => Narrative(Join((n / 100) + 1, _ => Nest(100, "a", inner => $"<span>{inner}</span>"), "")),
        ["a narrative of unclosed brackets"] = n => Narrative(Join(n, _ => "&lt;![CDATA[", "")),
        ["a narrative of CDATA sections"] = n => Narrative(Join(n, _ => "<![CDATA[a <b> c]]>", "")),
        ["a narrative of comments"] = n => Narrative("a" + Join(n, _ => "<!-- c - > -->", "")),

        // Invariants that look across.
        ["codings of no value set"] = n => $$$"""
            {"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/p"},"clinicalStatus":{"coding":[{{{Codings(n)}}}]} }
            """,
        ["paths of elements that get a warning"] = n => Definition(n, i => i == 0 ? "Patient" : $"Patient.a-{i}"),
        ["paths of elements below a long one"] = n => Definition(n, i => $"Patient{new string('t', n)}{(i == 0 ? "" : $".a{i}")}", most: 40),
        ["paths of elements that get an error"] = n => Definition(n, i => i == 0 ? "Patient" : $"Patient.a;{i}"),
        ["codes of a code system"] = n => $$"""
            {"resourceType":"CodeSystem","status":"active","content":"complete","concept":[{{Join(n, i => $$"""{"code":"c{{i}}"}""")}}]}
            """,
        ["items of a questionnaire"] = n => $$"""
            {"resourceType":"Questionnaire","status":"draft","item":[{{Join(n, i => $$"""{"linkId":"{{i}}","type":"display","text":"t"}""")}}]}
            """,
        ["groupings of a guide"] = n => $$$"""
            {"resourceType":"ImplementationGuide","url":"http://x","name":"X","status":"draft","packageId":"x","fhirVersion":["4.0.1"],"definition":{
            "grouping":[{{{Join(n, i => $$"""{"id":"g{{i}}","name":"n"}""")}}}],
            "resource":[{{{Join(n, i => $$$"""{"reference":{"reference":"Patient/{{{i}}}"},"groupingId":"g{{{n - i - 1}}}"}""")}}}]} }
            """,
        ["components coded as their observation"] = n => $$$"""
            {"resourceType":"Observation","status":"final","code":{"coding":[{{{Codings(n)}}}]},"valueInteger":1,
            "component":[{{{Join(n, i => $$$"""{"code":{"coding":[{"system":"{{{Loinc}}}","code":"x{{{i}}}"}]}}""")}}}]}
            """,
        ["names that get a warning"] = n => $$"""
            {"resourceType":"ValueSet","status":"draft","contained":[{{Join(n, i => $$"""{"resourceType":"ValueSet","id":"c{{i}}","status":"draft","name":"no name"}""")}}]}
            """,
        ["ids of elements, all one"] = n => Patient($$"""
            "name":[{{Join(n, _ => """{"id":"a","family":"f"}""")}}]
            """),
        ["ids of elements, all different"] = n => Patient($$"""
            "name":[{{Join(n, i => $$"""{"id":"a{{i}}","family":"f"}""")}}]
            """),

        // Bundles.
        ["entries with one fullUrl and many versions"] = n => Bundle("collection", Join(n, i => Entry("http://x/Basic/a", Basic($$"""
            "id":"a","meta":{"versionId":"{{i}}"},"subject":{"reference":"Basic/a"}
            """)))),
        ["entries with one fullUrl"] = n => Bundle("collection", Join(n, _ => Entry("http://x/Basic/a", Basic("\"id\":\"a\"")))),
        ["entries beside a long version"] = n => Bundle("collection", Entry("http://x/Basic/a", Basic($$"""
            "id":"a","meta":{"versionId":"{{new string('v', 50 * n)}}"}
            """)) + "," + Join(n, i => Entry("http://x/Basic/a", Basic($$"""
            "id":"a","meta":{"versionId":"{{i}}"}
            """)))),
        ["references to nothing"] = n => Bundle("collection", Entry("http://x/List/l", $$$"""
            {"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{{{Join(n, i => $$$"""{"item":{"reference":"Patient/{{{i}}}"}}""")}}}]}
            """)),
        ["references below a long fullUrl"] = n => Bundle("collection", Entry($"http://{new string('x', 50 * n)}/Observation/o", $$$"""
            {"resourceType":"Observation","id":"o","status":"final","code":{"text":"t"},"focus":[{{{Join(n, i => $$"""{"reference":"Patient/{{i}}"}""")}}}]}
            """)),
        ["patients of contained observations"] = n => Bundle("collection", Entry($"http://{new string('x', 300)}/Observation/o", $$$"""
            {"resourceType":"Observation","id":"o","status":"final","code":{"text":"t"},"hasMember":[{{{Join(n, i => $$"""{"reference":"#c{{i}}"}""")}}}],
            "contained":[{{{Join(n, i => $$$"""{"resourceType":"Observation","id":"c{{{i}}}","status":"final","code":{"text":"t"},"subject":{"reference":"Patient/p"}}""")}}}]}
            """)),
        ["URNs of the wrong type, all before their target"] = n => Bundle("collection", Join(n, i => Entry($"urn:uuid:{Uuid(i + 1)}", $$$"""
            {"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"urn:uuid:{{{Uuid(0)}}}"}}
            """)) + "," + Entry($"urn:uuid:{Uuid(0)}", """{"resourceType":"Medication"}""")),
        ["URNs of nothing"] = n => Bundle("collection", Join(n, i => Entry($"urn:uuid:{Uuid(i)}", $$$"""
            {"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"urn:uuid:{{{Uuid(i + n)}}}"}}
            """))),
        ["searches in a bundle that is a parameter"] = n => $$"""
            {"resourceType":"Parameters","parameter":[{"name":"b","resource":{{Bundle("transaction", Join(n, _ => $$$"""
            {"resource":{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"Patient?identifier=1"}},"request":{"method":"POST","url":"Observation"}}
            """))}}}]}
            """,
        ["orders of one medication"] = n => Bundle("collection", Entry("http://x/Medication/m", $$$"""
            {"resourceType":"Medication","id":"m","code":{"coding":[{{{Codings(n)}}}]} }
            """) + "," + Join(n, i => Entry($"http://x/MedicationRequest/r{i}", Order($"\"id\":\"r{i}\",", "Medication/m")))),
        ["entries of a document, referred to one after the other"] = n => Document($$"""
            "section":[{"entry":[{"reference":"Basic/b0"}]}]
            """, Join(n, i => Entry($"http://x/Basic/b{i}", Basic($$"""
            "id":"b{{i}}","subject":{"reference":"Basic/b{{i + 1}}"}
            """)))),
        ["entries that a document's Composition lacks"] = n => Document($$"""
            "section":[{"entry":[{{Join(n, i => $$"""{"reference":"Basic/b{{i}}"}""")}}]}]
            """, Entry("http://x/Basic/b", Basic("\"id\":\"b\""))),
        ["entries that nothing in a document refers to"] = n => Document("\"language\":\"en\"", Join(n, i => Entry($"http://x/Basic/b{i}", Basic($"\"id\":\"b{i}\"")))),
        ["sections in sections"] = n => Document($$"""
            "section":[{{Join((n / 20) + 1, _ => Nest(20, """{"title":"t","entry":[{"reference":"Basic/b"}]}""", inner => $$"""{"title":"t","section":[{{inner}}]}"""))}}]
            """, Entry("http://x/Basic/b", Basic("\"id\":\"b\""))),
    };

    private static string Patient(string members) => $$"""{"resourceType":"Patient",{{members}}}""";

    private static string Basic(string members) => $$$"""{"resourceType":"Basic","code":{"text":"t"},{{{members}}}}""";

    private static string Bundle(string type, string entries) => $$"""{"resourceType":"Bundle","type":"{{type}}","entry":[{{entries}}]}""";

    private static string Entry(string fullUrl, string resource) => $$"""{"fullUrl":"{{fullUrl}}","resource":{{resource}}}""";

    private static string Document(string members, string entries) => $$$"""
        {"resourceType":"Bundle","type":"document","timestamp":"2020-01-01T00:00:00Z","identifier":{"system":"http://x","value":"1"},"entry":[
        {{{Entry("http://x/Composition/c", $$$$"""{"resourceType":"Composition","id":"c","status":"final","type":{"text":"a"},"date":"2020","author":[{"display":"a"}],"title":"t",{{{{members}}}}}""")}}},{{{entries}}}]}
        """;

    private static string Definition(int n, Func<int, string> path, int most = int.MaxValue) => $$$"""
        {"resourceType":"StructureDefinition","url":"http://x","name":"X","status":"draft","kind":"resource","abstract":true,"type":"{{{path(0)}}}",
        "differential":{"element":[{{{Join(Math.Min(n, most), i => $$"""{"id":"e{{i}}","path":"{{path(i)}}"}""")}}}]} }
        """;

    private static string Order(string members, string medication) => $$$"""
        {"resourceType":"MedicationRequest",{{{members}}}"status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"{{{medication}}}"}}
        """;

    private static string Narrative(string content) => Basic($$"""
        "text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'>{{content}}</div>"}
        """);

    private static string Codings(int n) => Join(n, i => $$"""{"system":"{{Loinc}}","code":"c{{i}}"}""");

    private static string Uuid(int number) => new Guid(number, 0, 0, new byte[8]).ToString("D");

    private static string Nest(int depth, string innermost, Func<string, string> around)
    {
        for (; depth > 0; depth--)
            innermost = around(innermost);
        return innermost;
    }

    private static string Join(int n, Func<int, string> item, string separator = ",")
    {
        var text = new StringBuilder();
        for (var i = 0; i < n; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : separator)}{item(i)}");
        return text.ToString();
    }
}
