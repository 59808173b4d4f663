using System.Globalization;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity.Tokens;

namespace Lazaret.Node.Cli.Init;

/// <summary>Settings that come with <c>lazaret init</c> and are written into the configuration.</summary>
internal static class GivenSettings
{
    /// <summary>Puts settings into a section, over what is there. Paths become absolute: they were meant from where the command runs.</summary>
    public static JsonObject With(this JsonObject section, IEnumerable<(string Key, string Value)> settings)
    {
        foreach (var (key, value) in settings)
        {
            var at = section;
            var names = key.Split(':');
            foreach (var name in names[..^1])
                at = At(at, name);
            at[NameIn(at, names[^1])] = IsPath(names, value) ? Path.GetFullPath(value) : value;
        }

        return (JsonObject)WithLists(section)!;
    }

    private static JsonObject At(JsonObject section, string name)
    {
        var known = NameIn(section, name);
        if (section[known] is JsonArray list)
            section[known] = new JsonObject(list.Select((item, i) => KeyValuePair.Create(i.ToString(CultureInfo.InvariantCulture), item?.DeepClone())));
        if (section[known] is not JsonObject)
            section[known] = new JsonObject();
        return (JsonObject)section[known]!;
    }

    // Keys of configurations are compared without regard to case.
    private static string NameIn(JsonObject section, string name) => section.Select(member => member.Key).FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    private static bool IsPath(string[] names, string value) => value.Length > 0 && (names[^1].ToUpperInvariant(), names is [.., var before, _] ? before.ToUpperInvariant() : "") switch
    {
        ("AUTHORITIES", "MTLS") or (_, "CRL") or ("CLIENTSECRETFILE", _) => true,
        ("JWKS", _) => !KeyAddress.LooksLikeOne(value),
        _ => false,
    };

    // A section whose members are called 0, 1, 2 is a list.
    private static JsonNode? WithLists(JsonNode? node) => node switch
    {
        JsonObject { Count: > 0 } section when section.Select(member => member.Key).SequenceEqual(Enumerable.Range(0, section.Count).Select(i => i.ToString(CultureInfo.InvariantCulture))) =>
            new JsonArray([.. section.Select(member => WithLists(member.Value))]),
        JsonObject section => new JsonObject(section.Select(member => KeyValuePair.Create(member.Key, WithLists(member.Value)))),
        _ => node?.DeepClone(),
    };
}
