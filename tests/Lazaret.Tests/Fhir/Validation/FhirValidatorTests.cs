using System.Text;
using Lazaret.Fhir;

namespace Lazaret.Tests.Fhir.Validation;

public sealed class FhirValidatorTests
{
    /// <summary>Rule, expected expression (* where the reader stops in the middle of something), and a resource with that one fault.</summary>
    public static TheoryData<string, string, string> SingleFaults()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var line in Lines("single_faults.tsv").Skip(1))
        {
            if (line.Split('\t', 3) is [var rule, var expression, var json])
                data.Add(rule, expression, json);
        }

        return data;
    }

    public static TheoryData<string> Valid() => [.. Lines("valid.tsv")];

    [Theory]
    [MemberData(nameof(SingleFaults))]
    public void A_single_fault_is_found_where_it_is(string rule, string expression, string json)
    {
        var errors = Validate(json).Issues.Where(issue => issue.Severity != IssueSeverity.Warning).ToList();

        Assert.True(errors.Count > 0, $"rule {rule}: nothing was found");
        if (expression != "*")
            Assert.Contains(expression, errors.Select(error => error.Expression));
        Assert.True(expression == "*" || errors.Count == 1, $"rule {rule}: {string.Join("; ", errors)}");
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void What_the_rules_allow_is_valid(string json) =>
        Assert.DoesNotContain(Validate(json).Issues, issue => issue.Severity != IssueSeverity.Warning);

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    public void Bytes_that_are_not_utf_8_are_refused(byte[] bytes)
    {
        byte[] json = [.. """{"resourceType":"Patient","name":[{"family":"A"""u8, .. bytes, .. "\"}]}"u8];

        Assert.Equal(IssueSeverity.Fatal, Assert.Single(FhirValidator.Validate(json).Issues).Severity);
    }

    [Theory]
    [InlineData("""{"resourceType":"Patient","name":[{"family":"\ud800"}]}""", "Patient.name[0].family")]
    [InlineData("""{"resourceType":"Patient","name":[{"family":"\udc00\ud800"}]}""", "Patient.name[0].family")]
    [InlineData("""{"resourceType":"Patient","\ud800":1}""", "Patient")]
    [InlineData("""{"resourceType":"Patient\udfff"}""", "resourceType")]
    public void Half_a_surrogate_pair_is_refused(string json, string expression) =>
        Assert.Equal(expression, Assert.Single(Validate(json).Issues).Expression);

    [Fact]
    public void A_string_has_at_most_a_million_characters()
    {
        Assert.True(Validate(Named(new string('ä', 1024 * 1024))).IsValid);
        Assert.False(Validate(Named(new string('ä', (1024 * 1024) + 1))).IsValid);
    }

    [Theory]
    [InlineData("\"key{0}\":1")]
    [InlineData("\"active\":true")]
    [InlineData("\"key\":1")]
    public void The_list_of_issues_is_bounded(string property)
    {
        var properties = Enumerable.Range(0, 100_000).Select(i => property.Replace("{0}", $"{i}", StringComparison.Ordinal));

        var issues = Validate("""{"resourceType":"Patient",""" + string.Join(',', properties) + "}").Issues;

        Assert.InRange(issues.Count, 100, 101);
        Assert.Equal("too-costly", issues[^1].Code);
    }

    [Fact]
    public void Costly_invariants_are_cut_off()
    {
        var elements = string.Join(',', Enumerable.Range(0, 40_000).Select(i => $$"""{"id":"Patient.a{{i}}","path":"Patient.a{{i}}" }"""));
        var json = $$"""
            {"resourceType":"StructureDefinition","url":"http://x","name":"X","status":"draft","kind":"resource","abstract":true,
            "type":"Patient","differential":{"element":[{"id":"Patient","path":"Patient"},{{elements}}] } }
            """;

        var validation = Validate(json);

        Assert.True(validation.IsValid || validation.Issues.Any(issue => issue.Code == "too-costly"));
    }

    [Fact]
    public void A_bundles_entries_are_not_kept()
    {
        const int Count = 40_000;
        var entries = Enumerable.Range(0, Count).Select(i =>
            $$$$"""{"fullUrl":"urn:uuid:{{{{new Guid(i, 0, 0, new byte[8])}}}}","resource":{"resourceType":"Basic","id":"b{{{{i}}}}","code":{"text":"t"}}}""");
        var json = Encoding.UTF8.GetBytes($$"""{"resourceType":"Bundle","type":"collection","entry":[{{string.Join(',', entries)}}]}""");
        Validate(Named("warm"));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(FhirValidator.Validate(json).IsValid);

        // Where its fullUrl is, and what has outgrown its place: less than the URL alone as a string.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Count * 112);
    }

    [Fact]
    public void Resource_types_that_come_last_at_every_level_are_found()
    {
        var json = """{"active":true,"resourceType":"Patient"}""";
        for (var i = 0; i < 15; i++)
            json = $$"""{"entry":[{"resource":{{json}}}],"type":"collection","resourceType":"Bundle"}""";

        Assert.True(Validate(json).IsValid);
    }

    [Fact]
    public void A_resource_type_may_be_written_in_escapes()
    {
        var type = string.Concat("ImmunizationEvaluation".Select(character => $"\\u{(int)character:x4}"));

        Assert.DoesNotContain(Validate($$"""{"resourceType":"{{type}}"}""").Issues, issue => issue.Expression == "resourceType");
    }

    [Fact]
    public void Names_and_values_of_patients_are_never_repeated()
    {
        const string Secret = "Quetzalcoatlus";
        string[] resources =
        [
            Named(Secret + "\\u0000"),
            $$$$"""{"resourceType":"Patient","birthDate":"{{{{Secret}}}}","gender":"{{{{Secret}}}}","{{{{Secret}}}} Smith":1,"{{{{Secret}}}}":1,"id":"{{{{Secret}}}}_"}""",
            $$$$"""{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'><{{{{Secret}}}}-{{{{Secret}}}}-x/></div>"}}""",
            $$$$"""{"resourceType":"Patient","managingOrganization":{"reference":"{{{{Secret}}}}"},"contained":[{"resourceType":"Basic","id":"{{{{Secret}}}}"}]}""",
            $$"""{"resourceType":"{{Secret}}"}""",
            $$$$"""{"resourceType":"Patient","name":"{{{{Secret}}}}""",
        ];

        foreach (var resource in resources)
        {
            var issues = Validate(resource).Issues;
            Assert.NotEmpty(issues);
            Assert.DoesNotContain(Secret, string.Join('\n', issues), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Warnings_leave_a_resource_valid()
    {
        var validation = Validate("""{"resourceType":"ValueSet","status":"draft","name":"not usable as an identifier"}""");

        Assert.True(validation.IsValid);
        Assert.Equal(IssueSeverity.Warning, Assert.Single(validation.Issues).Severity);
    }

    private static string Named(string family) => $$$"""{"resourceType":"Patient","name":[{"family":"{{{family}}}"} ]}""";

    private static FhirValidation Validate(string json) => FhirValidator.Validate(Encoding.UTF8.GetBytes(json));

    private static IEnumerable<string> Lines(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Fhir", "Validation", "data", file));
}
