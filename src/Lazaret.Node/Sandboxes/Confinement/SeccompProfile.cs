using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// What a visiting program may ask of the kernel, as <c>deploy/seccomp.json</c> says it, with each call's number. Whatever is not
/// named is denied.
/// </summary>
/// <param name="Allowed">The numbers of the calls that are allowed whatever their arguments, ascending.</param>
/// <param name="Conditions">The calls that depend on an argument.</param>
internal sealed record SeccompProfile(IReadOnlyList<int> Allowed, IReadOnlyList<SeccompProfile.Condition> Conditions)
{
    internal enum Test
    {
        /// <summary>The argument equals one of the values.</summary>
        OneOf,

        /// <summary>The argument equals none of the values.</summary>
        NoneOf,

        /// <summary>The argument shares no bit with any of the values.</summary>
        NoneOfBits,
    }

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Linux's calls on x86-64, by name.</summary>
    public static FrozenDictionary<string, int> Numbers { get; } = ReadNumbers();

    /// <summary>The profile that the node ships.</summary>
    public static SeccompProfile Shipped { get; } = Parse(Resource("seccomp.json"));

    /// <summary>For a virtual machine's monitor that is given a device of the host: what it asks of that is ioctls of the device's own.</summary>
    public static SeccompProfile ForDevices { get; } = Shipped.Unconditionally("ioctl");

    /// <exception cref="FormatException">The profile says something wrong; every fault is listed.</exception>
    public static SeccompProfile Parse(string json)
    {
        var file = JsonSerializer.Deserialize<ProfileFile>(json, Json)!;
        var faults = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int[] allowed = [.. file.Allow.SelectMany(group => group.Calls).Select(Number).Order()];
        Condition[] conditions = [.. file.Conditions.Select(Compile)];
        return faults is [] ? new SeccompProfile(allowed, conditions) : throw new FormatException(string.Join("; ", faults));

        int Number(string call)
        {
            if (!seen.Add(call))
                faults.Add($"{call} is named twice");
            if (!Numbers.TryGetValue(call, out var number))
                faults.Add($"{call} is no system call of x86-64");
            return number;
        }

        Condition Compile(ConditionEntry entry)
        {
            (Test Test, string[]? Values)[] tests =
                [(Test.OneOf, entry.OneOf), (Test.NoneOf, entry.NoneOf), (Test.NoneOfBits, entry.NoneOfBits)];
            var given = tests.Where(test => test.Values is not null).ToArray();
            if (given is not [{ Values: [_, ..] }])
                faults.Add($"{entry.Call} needs exactly one of one_of, none_of and none_of_bits, with at least one value");
            if (entry.Argument is < 0 or > 5)
                faults.Add($"{entry.Call} has no argument {entry.Argument}: they are 0 to 5");
            var (test, values) = given.FirstOrDefault();
            return new Condition(Number(entry.Call), entry.Argument, test, [.. (values ?? []).Select(value => Value(entry.Call, value))]);
        }

        uint Value(string call, string text)
        {
            var hexadecimal = text.StartsWith("0x", StringComparison.Ordinal);
            if (!uint.TryParse(
                    hexadecimal ? text.AsSpan(2) : text,
                    hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var value))
            {
                faults.Add($"{call} has the value '{text}', which is no 32-bit number");
            }

            return value;
        }
    }

    private SeccompProfile Unconditionally(string call)
    {
        var number = Numbers[call];
        return new SeccompProfile([.. Allowed.Append(number).Order()], [.. Conditions.Where(condition => condition.Number != number)]);
    }

    private static FrozenDictionary<string, int> ReadNumbers() => Resource("syscalls-x86_64.txt")
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#')
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(words => words[1], words => int.Parse(words[0], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(SeccompProfile).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>A call that is allowed when the lower 32 bits of an argument, which is all that the kernel reads of these, pass a test.</summary>
    internal sealed record Condition(int Number, int Argument, Test Test, IReadOnlyList<uint> Values);

    private sealed record ProfileFile(string About, GroupEntry[] Allow, ConditionEntry[] Conditions);

    private sealed record GroupEntry(string Why, string[] Calls);

    private sealed record ConditionEntry(
        string Why, string Call, int Argument, string[]? OneOf = null, string[]? NoneOf = null, string[]? NoneOfBits = null);
}
