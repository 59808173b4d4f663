using Lazaret.Disclosure.Answers;

namespace Lazaret.Disclosure;

/// <summary>Decides what leaves. A pure function: the same policy and results give the same verdict.</summary>
public static class DisclosureControl
{
    /// <summary>Judges the results of one request together: if one of a batch may not leave, none does.</summary>
    public static Verdict Judge(DisclosurePolicy policy, IReadOnlyList<AnalysisResult> results)
    {
        var released = new List<ReleasedResult>(results.Count);
        foreach (var result in results)
        {
            if (result.N < policy.MinimumCohort)
                return new Verdict.Block(BlockRule.MinimumCohort);
            if (result is not { R: { } r, P: { } p })
                return new Verdict.Block(BlockRule.Degenerate);
            released.Add(new ReleasedResult(result.N, Rounded.To(3, r), Rounded.To(3, p)));
        }

        return new Verdict.Release(released);
    }
}
