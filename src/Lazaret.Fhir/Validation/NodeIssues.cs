namespace Lazaret.Fhir.Validation;

/// <summary>Faults of nodes on the tape, whose root the place stands at. A path is made only for an issue that is kept.</summary>
internal sealed class NodeIssues(NodeTape tape, Place place, IssueLog log)
{
    public bool IsFull => log.IsFull;

    public bool KeepsWarnings => log.KeepsWarnings;

    public void Error(int node, string words, string code = "invariant") =>
        log.Error(code, log.KeepsErrors ? PathOf(node) : "", words);

    public void Warn(int node, string words)
    {
        if (log.KeepsWarnings)
            log.Warn("invariant", PathOf(node), words);
    }

    public string PathOf(int node) => place.Path() + tape.PathTo(node);
}
