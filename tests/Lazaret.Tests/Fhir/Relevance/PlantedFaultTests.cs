using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Definitions;
using Lazaret.Tests.Fhir.Validation;

namespace Lazaret.Tests.Fhir.Relevance;

/// <summary>No fault that is only warned of may change what is read: held for every element of every type that is read, and for random changes.</summary>
public sealed partial class PlantedFaultTests
{
    private static readonly string[] ReadTypes = ["Patient", "Observation", "Condition", "MedicationRequest", "MedicationStatement", "Medication"];

    private static readonly string[] Faults =
        ["null", "[]", "{}", "\"\"", "\" \"", "0.5", "true", "[null]", "[{}]", "{\"zzz\":1}", "[{\"zzz\":1}]", "{\"id\":\"a\"}", "\"2026-11-26T11:30:00\""];

    [Fact]
    public void The_bundle_is_valid_and_all_of_it_is_read()
    {
        Assert.True(ChartBundle.IsWholeValid(ChartBundle.Parse().ToJsonString()));
        Assert.Equal(14, ChartBundle.Parse().Read().Dump()!.Split('\n').Length);
    }

    [Fact]
    public void A_fault_anywhere_in_an_element_that_is_read_is_refused()
    {
        var whole = ChartBundle.Parse().Read().Dump();
        var (elements, faults) = (0, 0);
        foreach (var (index, resource) in ChartBundle.Parse().Resources().Index())
        {
            foreach (var (name, _) in resource.Where(member => member.Key != "resourceType"))
            {
                var without = ChartBundle.Parse();
                without.Resources().ElementAt(index).Remove(name);
                // A required element cannot be left out; an element whose absence changes the reading is read.
                if (without.Read().Dump() == whole)
                    continue;
                elements++;
                foreach (var path in Paths(resource[name]!).Prepend([]))
                {
                    foreach (var fault in Faults)
                    {
                        var planted = ChartBundle.Parse();
                        Replace(planted.Resources().ElementAt(index), [name, .. path], JsonNode.Parse(fault));
                        if (ChartBundle.IsWholeValid(planted.ToJsonString()))
                            continue;
                        faults++;
                        // Nobody asks for a height: its value may be wrong, and is then not read.
                        if ((string?)resource["id"] == "unasked")
                            continue;
                        Assert.True(planted.Read() is BundleReading.Invalid, $"{resource["resourceType"]}.{name}/{string.Join('/', path)}: {fault}");
                    }
                }
            }
        }

        Assert.InRange(elements, 60, 200);
        Assert.InRange(faults, 1500, 20_000);
    }

    [Fact]
    public void Whatever_is_put_into_an_element_of_a_type_that_is_read_is_refused_or_changes_nothing()
    {
        var (refused, warned) = (0, 0);
        foreach (var (index, resource) in ChartBundle.Parse().Resources().Index().Where(item => ReadTypes.Contains((string?)item.Item["resourceType"])))
        {
            var type = R4.Definitions.Types.Single(type => type.Name == (string?)resource["resourceType"]);
            foreach (var element in type.Elements)
            {
                var names = element.Types.Select(choice => choice.Property).ToList();
                var without = ChartBundle.Parse();
                foreach (var property in names)
                    without.Resources().ElementAt(index).Remove(property);
                var expected = without.Read().Dump();
                foreach (var (property, fault) in names.Concat(names.Select(name => "_" + name)).SelectMany(_ => Faults, (property, fault) => (property, fault)))
                {
                    var planted = without.DeepClone().AsObject();
                    planted.Resources().ElementAt(index)[property] = JsonNode.Parse(fault);
                    var json = planted.ToJsonString();
                    if (ChartBundle.IsWholeValid(json))
                        continue;
                    var actual = ChartBundle.Read(json).Dump();
                    if (actual is null)
                        refused++;
                    else
                        warned++;
                    Assert.True(actual is null || actual == expected, $"{type.Name}.{property}: {fault}");
                }
            }
        }

        Assert.InRange(refused, 1000, 100_000);
        Assert.InRange(warned, 1000, 100_000);
    }

    [Fact]
    public void A_random_change_that_is_warned_of_reads_as_if_what_is_warned_of_were_not_there()
    {
        var random = new Random(1);
        var warned = 0;
        for (var round = 0; round < 4000; round++)
        {
            var mutant = FhirMutant.Of(ChartBundle.Parse().ToJsonString(), random);
            if (ChartBundle.IsWholeValid(mutant) || ChartBundle.Read(mutant) is not BundleReading.Readable reading)
                continue;
            var stripped = JsonNode.Parse(mutant)!.AsObject();
            foreach (var match in reading.Warnings.Select(issue => Element().Match(issue.Expression)).Where(match => match.Success))
            {
                var resource = stripped.Resources().ElementAt(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
                var name = match.Groups[2].Value;
                foreach (var property in resource.Select(member => member.Key).Where(key => IsOf(key.TrimStart('_'), name)).ToList())
                    resource.Remove(property);
            }

            // What was stripped may have been what another fault hid behind, or referred to what is contained.
            if (stripped.Read().Dump() is not { } expected)
                continue;
            warned++;
            Assert.True(reading.Dump() == expected, mutant);
        }

        Assert.InRange(warned, 200, 4000);

        static bool IsOf(string property, string element) =>
            property == element || (property.StartsWith(element, StringComparison.Ordinal) && char.IsAsciiLetterUpper(property[element.Length]));
    }

    [GeneratedRegex(@"^Bundle\.entry\[(\d+)\]\.resource\.([A-Za-z_0-9]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Element();

    private static IEnumerable<object[]> Paths(JsonNode node)
    {
        var children = node switch
        {
            JsonObject members => members.Select(member => ((object)member.Key, member.Value)),
            JsonArray items => items.Select((item, index) => ((object)index, item)),
            _ => [],
        };
        foreach (var (step, child) in children)
        {
            yield return [step];
            foreach (var path in Paths(child!))
                yield return [step, .. path];
        }
    }

    private static void Replace(JsonNode node, object[] path, JsonNode? value)
    {
        foreach (var step in path[..^1])
            node = step is int index ? node[index]! : node[(string)step]!;
        if (path[^1] is int last)
            node[last] = value;
        else
            node[(string)path[^1]] = value;
    }
}
