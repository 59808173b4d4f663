using System.Text;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>The contained resources of what is on the tape, and the references that do not need a bundle to be judged.</summary>
internal sealed class ReferenceRules(NodeTape tape, NodeIssues issues, FhirBudget budget)
{
    private readonly Dictionary<(int Container, string Id), int> _contained = [];
    private readonly HashSet<int> _referenced = [];
    private readonly Dictionary<int, bool> _transactions = [];

    /// <summary>The first of the references by a search that matter most. Whether it is allowed depends on the type of the bundle around it.</summary>
    public SearchReference? Search { get; private set; }

    /// <summary>Reads what is contained, before any reference is looked at.</summary>
    public void Begin()
    {
        Search = null;
        _contained.Clear();
        _referenced.Clear();
        _transactions.Clear();
        foreach (var node in tape.ContainedResources)
        {
            if (issues.IsFull)
                return;
            EnterContained(node);
        }
    }

    /// <summary>Every reference was looked at.</summary>
    public void End()
    {
        foreach (var node in _contained.Values)
        {
            if (issues.IsFull)
                return;
            if (!_referenced.Contains(node))
                issues.Error(node, "a contained resource must be referred to from elsewhere in the resource, or refer to it (dom-3)");
        }
    }

    /// <summary>A URI, which may be the local one of a contained resource.</summary>
    public void CheckUri(int node)
    {
        if (tape.Bytes(node).StartsWith("#"u8))
            MarkReferenced(node, tape.Text(node)!);
    }

    /// <summary>A narrative, whose images may be contained resources.</summary>
    public void CheckNarrative(int node)
    {
        if (_contained.Count == 0)
            return;
        var links = new List<XhtmlLink>();
        Xhtml.Fault(tape.Bytes(node), budget, links);
        foreach (var link in links)
        {
            if (link.IsImage && link.Url.StartsWith('#'))
                MarkReferenced(node, link.Url);
        }
    }

    public void Check(int node, ElementDefinition? element)
    {
        var literal = tape.Child(node, "reference");
        if (tape.Value(literal) is not { Length: > 0 })
            return;
        var text = tape.Bytes(literal);
        ObjectType? target;
        if (text[0] == '#')
        {
            var contained = MarkReferenced(node, Encoding.UTF8.GetString(text));
            if (contained < 0 && text.Length > 1)
                issues.Error(literal, "a local reference must name a contained resource (ref-1)");
            target = contained < 0 ? null : tape.TypeOf(contained);
            CheckMember(node, target);
        }
        else if (ReferenceFormat.TryReadSearch(text, out target))
        {
            CheckSearch(node, literal);
        }
        else if (!ReferenceFormat.TryRead(text, out target))
        {
            issues.Error(literal, "a reference is an absolute URI, Type/id of a type of R4, or #id", code: "value");
            return;
        }

        if (target is not null && ReferenceTarget.Fault(element, tape.Text(tape.Child(node, "type")), target) is { } fault)
            issues.Error(literal, fault);
    }

    /// <summary>dom-2, dom-4 and dom-5, and the ids that local references may name.</summary>
    private void EnterContained(int node)
    {
        var container = tape.ContainerOf(node);
        if (tape[node].Parent != container)
            issues.Refuse(node, "a contained resource must not contain resources (dom-2)");
        if (tape.Child(node, "meta") is > 0 and var meta)
        {
            if (tape.Child(meta, "versionId") > 0 || tape.Child(meta, "lastUpdated") > 0)
                issues.Error(node, "a contained resource must not have a meta.versionId or a meta.lastUpdated (dom-4)");
            if (tape.Child(meta, "security") > 0)
                issues.Error(node, "a contained resource must not have a security label (dom-5)");
        }

        if (tape.Text(tape.Child(node, "id")) is not { } id)
            issues.Refuse(node, "a contained resource must have an id to be referred to by (dom-3)");
        else if (!_contained.TryAdd((container, id), node))
            issues.Refuse(node, "two contained resources have the same id");
    }

    /// <summary>ctm-1, as far as a reference resolves without leaving the resource.</summary>
    private void CheckMember(int node, ObjectType? target)
    {
        var participant = tape[node].Parent;
        if (target is not (null or { Name: "Practitioner" }) && tape.TypeOf(participant) is { Name: "CareTeam.participant" }
            && tape.NameOf(node) == "member" && tape.Child(participant, "onBehalfOf") > 0)
        {
            issues.Error(participant, "onBehalfOf can only be there when the member is a Practitioner (ctm-1)");
        }
    }

    /// <summary>Where the bundle around the reference is on the tape, it is judged at once; otherwise at the end, by the bundle that holds this resource.</summary>
    private void CheckSearch(int node, int literal)
    {
        // That of the element that holds the reference: a search in an element that nobody reads is only a warning.
        var relevance = issues.RelevanceOf(node);
        do
            node = tape.ResourceOf(node);
        while (node > 0 && tape.TypeOf(node) != R4.Definitions.Bundle);
        if (tape.TypeOf(node) != R4.Definitions.Bundle)
        {
            if (Search is null || relevance < Search.Value.Relevance)
                Search = new SearchReference(issues.PathOf(literal), relevance);
            return;
        }

        if (!_transactions.TryGetValue(node, out var isTransaction))
            _transactions.Add(node, isTransaction = tape.Text(tape.Child(node, "type")) == "transaction");
        if (!isTransaction)
            issues.Error(literal, BundleRules.SearchOutsideTransaction, code: "value");
    }

    /// <summary>Notes what <c>#id</c> names, and returns it, or -1. <c>#</c> alone is the container, which it refers to.</summary>
    private int MarkReferenced(int node, string reference)
    {
        var container = tape.ContainerOf(node);
        if (reference.Length == 1)
        {
            var inner = tape.ResourceOf(node);
            if (inner != container)
                _referenced.Add(inner);
            return -1;
        }

        if (!_contained.TryGetValue((container, reference[1..]), out var target))
            return -1;
        _referenced.Add(target);
        return target;
    }
}
