using Lazaret.Tests.Conformance;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Lazaret.Tests.LongestFirst))]

namespace Lazaret.Tests;

/// <summary>
/// Begins with what takes longest. The sandboxes' tests run one after the other, and so do the attacks of the red team: begun last, they would end alone, on an idle processor.
/// One of the runner's threads takes collections from the end of the list, the others from its beginning: what stands in the middle comes last.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection => [.. testCollections.OrderBy(collection => collection.TestCollectionDisplayName switch
        {
            nameof(SandboxConformance) => 0,
            var name when name.Contains($".EndToEnd.{nameof(EndToEnd.AttackTests)} ", StringComparison.Ordinal) => 0,
            var name when name.Contains(".EndToEnd.", StringComparison.Ordinal) => 1,
            _ => 2,
        })];
}
