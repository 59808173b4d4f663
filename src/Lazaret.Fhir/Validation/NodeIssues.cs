namespace Lazaret.Fhir.Validation;

/// <summary>Faults of nodes on the tape, whose root the place stands at. A path is made only for an issue that is kept.</summary>
internal sealed class NodeIssues(NodeTape tape, Place place, IssueLog log)
{
    public bool IsFull => log.IsFull;

    public bool KeepsWarnings => log.KeepsWarnings;

    /// <summary>A fault of the node, which does what its place says.</summary>
    public void Error(int node, string words, string code = "invariant") => Add(RelevanceOf(node), node, words, code);

    /// <summary>A fault that refuses the resource wherever it is.</summary>
    public void Refuse(int node, string words, string code = "invariant") => Add(Relevance.Refuses, node, words, code);

    public void Warn(int node, string words)
    {
        if (log.KeepsWarnings)
            log.Warn("invariant", PathOf(node), words);
    }

    public string PathOf(int node) => place.Path() + tape.PathTo(node);

    public Relevance RelevanceOf(int node)
    {
        if (log.Scope.IsWhole)
            return Relevance.Refuses;
        var fault = new FaultPlace();
        for (; node > 0; node = tape[node].Parent)
        {
            if (tape.TypeOf(node) is { IsResource: true } type)
                return place.IsInBundle ? fault.In(type, isEntry: false) : Relevance.Elsewhere;
            fault.Step(tape.NameOf(node));
        }

        return place.RelevanceOf(fault);
    }

    private void Add(Relevance relevance, int node, string words, string code) =>
        log.Fault(relevance, code, log.Keeps(relevance) ? PathOf(node) : "", words);
}
