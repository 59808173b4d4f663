using System.Text.Json;

namespace Lazaret.Node.Identity;

/// <summary>
/// What somebody may do; <see cref="AccessTable"/> says where. A registered program or person has one role, an access token of the hospital's
/// issuer may carry several.
/// </summary>
[Flags]
public enum Roles
{
    None = 0,

    /// <summary>Sends maps and bundles.</summary>
    Requester = 1,

    /// <summary>Answers for the data: decides about held results.</summary>
    Steward = 2,

    /// <summary>Reads everything and changes nothing.</summary>
    Auditor = 4,

    /// <summary>Runs the machines: models, keys, metrics.</summary>
    Operator = 8,

    All = Requester | Steward | Auditor | Operator,
}

/// <summary>Roles by name: <c>requester</c>, <c>steward</c>, <c>auditor</c>, <c>operator</c>.</summary>
public static class RoleNames
{
    public static readonly IReadOnlyList<Roles> Each = [Roles.Requester, Roles.Steward, Roles.Auditor, Roles.Operator];

    public static readonly IReadOnlyList<string> All = [.. Each.Select(NameOf)];

    public static IEnumerable<string> Of(Roles roles) => Each.Where(role => roles.HasFlag(role)).Select(NameOf);

    /// <summary>The role of this name; none when there is no such role.</summary>
    public static Roles Find(string name) => Each.FirstOrDefault(role => NameOf(role) == name);

    /// <summary>The roles of somebody whose issuer gives these values.</summary>
    /// <param name="roles">Which value gives which role, as <see cref="Read"/> takes them.</param>
    public static Roles Given(IReadOnlyDictionary<string, string> roles, IEnumerable<string> values)
    {
        var said = values.ToHashSet(StringComparer.Ordinal);
        return roles.Select(Read).Where(role => said.Contains(role.Value)).Aggregate(Roles.None, (given, role) => given | Find(role.Role));
    }

    /// <summary>
    /// A value and the role that it gives: <c>VALUE</c> = <c>role</c>, where <c>%3A</c> stands for a colon, which keys of the configuration cannot hold; or a number =
    /// <c>VALUE=role</c>, for a variable's name holds letters, digits and underscores alone.
    /// </summary>
    public static (string Value, string Role) Read(KeyValuePair<string, string> role) => role.Key.All(char.IsAsciiDigit) && role.Value.LastIndexOf('=') is > 0 and var end
        ? (role.Value[..end], role.Value[(end + 1)..])
        : (Uri.UnescapeDataString(role.Key), role.Value);

    private static string NameOf(Roles role) => JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString());
}
