using Lazaret.Tests.Conformance;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Lazaret.Tests.LongestFirst))]

namespace Lazaret.Tests;

/// <summary>Begins with what takes longest. The sandboxes' tests run one after the other: begun last, they would end alone, on an idle processor.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection => [.. testCollections.OrderBy(collection => collection.TestCollectionDisplayName switch
        {
            nameof(SandboxConformance) => 0,
            var name when name.Contains(".EndToEnd.", StringComparison.Ordinal) => 1,
            _ => 2,
        })];
}
