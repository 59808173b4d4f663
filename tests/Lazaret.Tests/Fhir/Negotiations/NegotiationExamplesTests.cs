using System.Text.Json;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Negotiations;

public sealed class NegotiationExamplesTests
{
    private static readonly JsonElement Examples = Load();

    public static TheoryData<string> Cases() => [.. Examples.GetProperty("cases").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_published_example_is_judged_as_published(string id)
    {
        var example = Examples.GetProperty("cases").EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);
        var names = example.GetProperty("requirements").EnumerateArray().Select(item => item.GetString()!).ToList();
        var requirements = names.ConvertAll(Requirement);
        var nameOf = names.Zip(requirements).ToDictionary(pair => pair.Second.Code, pair => pair.First, StringComparer.Ordinal);
        var bundle = Assert.IsType<BundleReading.Readable>(BundleReader.Read(Bytes(example.GetProperty("bundle")))).Bundle;

        var negotiation = Negotiator.Negotiate(requirements, bundle, Examples.GetProperty("now").GetDateTimeOffset());

        Assert.Equal(example.GetProperty("verdict").GetString(), negotiation.Verdict);
        Assert.Equal(Strings(example.GetProperty("missing")), negotiation.Missing.Select(item => nameOf[item.Requirement.Code]));
        Assert.All(negotiation.Missing, item => Assert.Equal(example.GetProperty("reason").GetString(), item.Reason.Name));
        Assert.Equal(
            example.GetProperty("used").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetString(), StringComparer.Ordinal),
            negotiation.Used.ToDictionary(item => nameOf[item.Key], item => (string?)item.Value, StringComparer.Ordinal));
    }

    private static ObservationRequirement Requirement(string name)
    {
        var definition = Examples.GetProperty("requirements").GetProperty(name);
        var units = definition.GetProperty("units").EnumerateObject()
            .ToDictionary(unit => unit.Name, unit => unit.Value.GetDecimal(), StringComparer.Ordinal);
        return new ObservationRequirement
        {
            Code = definition.GetProperty("code").GetProperty("code").GetString()!,
            System = definition.GetProperty("code").GetProperty("system").GetString()!,
            Unit = units.First(unit => unit.Value == 1).Key,
            AcceptedUnits = units,
            MaxAge = TimeSpan.FromDays(definition.GetProperty("maxAgeDays").GetInt32()),
            Range = definition.TryGetProperty("plausible", out var range) ? new ValueRange(range[0].GetDecimal(), range[1].GetDecimal()) : null,
            ComponentOf = definition.TryGetProperty("alsoComponentOf", out var panel) ? [panel.GetProperty("code").GetString()!] : [],
        };
    }

    private static JsonElement Load()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fhir", "Negotiations", "data", "negotiation_examples.json");
        return JsonElement.Parse(File.ReadAllBytes(path));
    }

    private static byte[] Bytes(JsonElement element) => JsonSerializer.SerializeToUtf8Bytes(element);

    private static IEnumerable<string?> Strings(JsonElement array) => array.EnumerateArray().Select(item => item.GetString());
}
