using System.Collections;

namespace Lazaret.Tests.Conformance;

/// <summary>An attempt of data/hostile.c.</summary>
/// <param name="Name">Of its function.</param>
/// <param name="Threat">The row of the table in docs/sandboxes.md that it belongs to.</param>
/// <param name="Mechanism">What stops it.</param>
/// <param name="Ends">The errors or the signal in which it must end.</param>
internal sealed record HostileAttempt(string Name, string Threat, string Mechanism, string[] Ends);

/// <summary>The attempts of one row.</summary>
internal sealed class HostileThreat(string name) : IEnumerable<HostileAttempt>
{
    private readonly List<HostileAttempt> _attempts = [];

    public void Add(string attempt, string mechanism, params string[] ends) => _attempts.Add(new HostileAttempt(attempt, name, mechanism, ends));

    public IEnumerator<HostileAttempt> GetEnumerator() => _attempts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
