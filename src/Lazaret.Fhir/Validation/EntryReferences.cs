using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The references out of a bundle's entries that need the other entries to be judged: to a fullUrl that several of them have, and
/// by a URL that does not name its target's type.
/// </summary>
internal sealed class EntryReferences(ReadOnlyMemory<byte> json, EntryUrls urls, BundleTargets targets)
{
    /// <summary>The issue's code for a reference that more than one entry answers to.</summary>
    public const string MultipleMatches = "multiple-matches";

    private readonly int _bundle = targets.Enter();
    private readonly List<Forward> _forward = [];
    private readonly List<FhirIssue> _found = [];
    private List<(string Text, string Path)> _inEntry = [];
    private bool _isWrong;

    /// <summary>Takes note of the references of an entry's resource.</summary>
    /// <param name="entry">The entry's place in the bundle.</param>
    /// <param name="opaque">Those whose text does not name a type; those below <paramref name="root"/> are taken out.</param>
    public void Add(NodeTape tape, int root, int entry, List<int> opaque)
    {
        for (; opaque.Count > 0 && opaque[^1] > root; opaque.RemoveAt(opaque.Count - 1))
            CheckType(tape, opaque[^1], root, entry);
        if (!targets.IsSecondPass)
            return;
        for (var node = root; node < tape[root].End; node++)
        {
            if (tape[node].Element == R4.Definitions.ReferenceReference.Number && tape.Text(node) is { } text)
                _inEntry.Add((text, $".entry[{entry}].resource{tape.PathTo(node, root)}"));
        }
    }

    /// <summary>The entry's name is known: so is what its relative references mean.</summary>
    public void EndEntry(EntryName name)
    {
        foreach (var (text, path) in _inEntry)
        {
            if (targets.IsShared(name.Resolve(text)))
                Find(MultipleMatches, path, "several entries of the bundle have the URL that this refers to");
        }

        _inEntry = [];
    }

    /// <summary>All entries are known.</summary>
    public void End(string path, bool isHistory)
    {
        if (targets.IsSecondPass)
        {
            targets.Findings.AddRange(_found
                .Where(issue => !isHistory || issue.Code != MultipleMatches)
                .Select(issue => issue with { Expression = path + issue.Expression }));
        }
        else if (_isWrong || _forward.Exists(reference => FaultIn(urls, reference) is not null))
        {
            targets.LookAgain(_bundle, urls);
        }
    }

    private void CheckType(NodeTape tape, int literal, int root, int entry)
    {
        var reference = tape[literal].Parent;
        var forward = new Forward(tape[literal].Value, tape[reference].Element, tape.Value(tape.Child(reference, "type")));
        if (!targets.IsSecondPass)
        {
            if (forward.Type is null && ElementOf(forward) is null or { Targets: [] })
                return;
            if (urls.TryFind(UrlOf(forward), out var target))
                _isWrong |= FaultOf(forward, target) is not null;
            else
                _forward.Add(forward);
        }
        else if (targets.EntriesOf(_bundle) is { } entries && FaultIn(entries, forward) is { } fault)
        {
            Find("invariant", $".entry[{entry}].resource{tape.PathTo(literal, root)}", fault);
        }
    }

    private string? FaultIn(EntryUrls entries, Forward reference) => entries.TryFind(UrlOf(reference), out var target) ? FaultOf(reference, target) : null;

    private string? FaultOf(Forward reference, ObjectType? target) =>
        target is null ? null : ReferenceTarget.Fault(ElementOf(reference), reference.Type?.Text(json), target);

    private static ElementDefinition? ElementOf(Forward reference) =>
        reference.Element < 0 ? null : R4.Definitions.ElementsByNumber[reference.Element];

    private ReadOnlySpan<byte> UrlOf(Forward reference) => ReferenceFormat.WithoutVersion(reference.Url.Bytes(json));

    private void Find(string code, string path, string words)
    {
        if (_found.Count < IssueLog.Bound)
            _found.Add(new FhirIssue(IssueSeverity.Error, code, path, words));
    }

    /// <summary>A reference to what is not there, or not there yet.</summary>
    /// <param name="Element">The number of the element that the Reference is; -1 for none.</param>
    /// <param name="Type">Reference.type.</param>
    private readonly record struct Forward(JsonText Url, int Element, JsonText? Type);
}
