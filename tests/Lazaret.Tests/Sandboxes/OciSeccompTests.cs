using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Node.Sandboxes.Oci;

namespace Lazaret.Tests.Sandboxes;

public sealed class OciSeccompTests
{
    [Fact]
    public void Every_condition_lets_through_what_the_profile_does()
    {
        var random = new Random(5);
        foreach (var condition in SeccompProfile.Shipped.Conditions)
        {
            var masks = OciSeccomp.Masks(condition).ToArray();
            // Around the values, anywhere, and with bits above those that the kernel reads.
            var arguments = condition.Values
                .SelectMany(value => Enumerable.Range(0, 64).Select(bit => (value ^ (1UL << bit)) & ~0UL).Prepend(value))
                .Concat(condition.Values.SelectMany(value => Enumerable.Range(-20, 40).Select(step => (ulong)(value + step))))
                .Concat(Enumerable.Range(0, 2000).Select(_ => (ulong)random.NextInt64()));
            foreach (var argument in arguments)
                Assert.Equal(Passes(condition, (uint)argument), masks.Any(test => (argument & test.Mask) == test.Value));
        }
    }

    [Fact]
    public void Every_call_of_the_profile_is_named_and_no_other()
    {
        var rules = OciSeccomp.Of(SeccompProfile.Shipped)["syscalls"]!.AsArray();
        var numbers = rules.SelectMany(rule => rule!["names"]!.AsArray()).Select(name => SeccompProfile.Numbers[(string)name!]).Distinct().Order();
        Assert.Equal(SeccompProfile.Shipped.Allowed.Concat(SeccompProfile.Shipped.Conditions.Select(condition => condition.Number)).Order(), numbers);
        Assert.All(rules, rule => Assert.Equal("SCMP_ACT_ALLOW", (string?)rule!["action"]));
    }

    private static bool Passes(SeccompProfile.Condition condition, uint argument) => condition.Test switch
    {
        SeccompProfile.Test.OneOf => condition.Values.Contains(argument),
        SeccompProfile.Test.NoneOf => !condition.Values.Contains(argument),
        _ => condition.Values.All(bits => (argument & bits) == 0),
    };
}
