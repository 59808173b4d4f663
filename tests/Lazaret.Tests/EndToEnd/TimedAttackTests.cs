using Lazaret.Node.Cli.Attack;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The attacks that measure time: other tests on the same processors would hide what every control hides.</summary>
[CollectionDefinition(nameof(TimedAttackTests), DisableParallelization = true)]
[Collection(nameof(TimedAttackTests))]
public sealed class TimedAttackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Attacks => [.. AttackSuite.All.Where(attack => attack.NeedsTick).Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public Task Each_succeeds_where_every_control_is_off_and_none_where_all_are_on(string attack) =>
        // What is slow only because it is not compiled well yet would be noise.
        RedTeam.AssertStoppedAsync(_folder.Path, attack, ("DOTNET_TC_CallCountingDelayMs", "64"));

    public void Dispose() => _folder.Dispose();
}
