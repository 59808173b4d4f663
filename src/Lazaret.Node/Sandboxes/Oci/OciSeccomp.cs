using System.Numerics;
using System.Text.Json.Nodes;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Sandboxes.Oci;

/// <summary>A profile in the words of the runtime specification, <c>linux.seccomp</c>.</summary>
internal static class OciSeccomp
{
    private const int NoSuchCall = 38;
    private const ulong LowerHalf = uint.MaxValue;

    private static readonly ILookup<int, string> Names = SeccompProfile.Numbers.ToLookup(call => call.Value, call => call.Key);

    /// <param name="profile">What is allowed.</param>
    /// <param name="more">Calls that are allowed beside it.</param>
    public static JsonObject Of(SeccompProfile profile, params IEnumerable<string> more) => new()
    {
        ["defaultAction"] = "SCMP_ACT_ERRNO",
        ["defaultErrnoRet"] = NoSuchCall,
        // Of one architecture alone: the 32-bit and x32 calls kill.
        ["architectures"] = new JsonArray("SCMP_ARCH_X86_64"),
        ["syscalls"] = new JsonArray(
        [
            Allow(profile.Allowed.SelectMany(number => Names[number]).Concat(more)),
            .. profile.Conditions.SelectMany(condition => Masks(condition).Select(mask => Allow(Names[condition.Number], condition.Argument, mask))),
        ]),
    };

    /// <summary>
    /// The argument's lower half as pairs of mask and value, one of which must hold: a runtime joins the rules of a call by "or", takes one
    /// test of an argument in a rule, and knows no "not". Comparing whole arguments by "not equal" would also be a way around it, since
    /// the kernel does not look at the upper half.
    /// </summary>
    internal static IEnumerable<(ulong Mask, ulong Value)> Masks(SeccompProfile.Condition condition) => condition.Test switch
    {
        SeccompProfile.Test.OneOf => condition.Values.Select(value => (LowerHalf, (ulong)value)),
        SeccompProfile.Test.NoneOfBits => [(condition.Values.Aggregate((all, bits) => all | bits), 0)],
        SeccompProfile.Test.NoneOf => Other(condition.Values),
        _ => throw new InvalidOperationException($"unknown test {condition.Test}"),
    };

    /// <summary>
    /// Whatever is none of the values differs from them in a bit on which they agree, or has in the other bits a combination that none of
    /// them has.
    /// </summary>
    private static IEnumerable<(ulong Mask, ulong Value)> Other(IReadOnlyList<uint> values)
    {
        var differing = values.Aggregate(0u, (bits, value) => bits | (value ^ values[0]));
        for (var bit = 1u; bit != 0; bit <<= 1)
        {
            if ((differing & bit) == 0)
                yield return (bit, ~values[0] & bit);
        }

        foreach (var combination in Combinations(differing).Except(values.Select(value => value & differing)))
            yield return (differing, combination);
    }

    /// <summary>Every choice of those bits.</summary>
    private static IEnumerable<uint> Combinations(uint bits)
    {
        if (BitOperations.PopCount(bits) > 10)
            throw new NotSupportedException("the values of a none_of differ in more bits than rules can be written for");
        var chosen = 0u;
        do
        {
            yield return chosen;
            chosen = (chosen - bits) & bits;
        }
        while (chosen != 0);
    }

    private static JsonObject Allow(IEnumerable<string> calls, int argument, (ulong Mask, ulong Value) test)
    {
        var rule = Allow(calls);
        rule["args"] = new JsonArray(new JsonObject
        {
            ["index"] = argument,
            ["op"] = "SCMP_CMP_MASKED_EQ",
            ["value"] = test.Mask,
            ["valueTwo"] = test.Value,
        });
        return rule;
    }

    private static JsonObject Allow(IEnumerable<string> calls) => new()
    {
        ["action"] = "SCMP_ACT_ALLOW",
        ["names"] = new JsonArray([.. calls.Select(call => (JsonNode)call)]),
    };
}
