using System.Text;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Validation.FhirPath;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The rules that look across the nodes of one resource: invariants, contained resources, references, coded concepts.
/// Two passes over the tape, each linear in its length.
/// </summary>
internal sealed class ResourceRules(NodeTape tape, Place place, IssueLog log)
{
    private const string Contained = "contained";

    private readonly Scope _scope = new(tape);
    private readonly Dictionary<(int Container, string Id), int> _contained = [];
    private readonly HashSet<int> _referenced = [];
    private readonly List<Item> _focus = [default];

    /// <summary>The first reference by a search (<c>Patient?identifier=…</c>); whether it may be there is the bundle's to say.</summary>
    public string? SearchReference { get; private set; }

    /// <summary>Checks the resource on the tape, at whose root the place stands.</summary>
    public void Check()
    {
        SearchReference = null;
        _contained.Clear();
        _referenced.Clear();
        _scope.Restart();
        for (var node = 1; node < tape.Count; node++)
        {
            if (tape.TypeOf(node) is { IsResource: true } && tape.NameOf(node) == Contained)
                EnterContained(node);
        }

        try
        {
            for (var node = 0; node < tape.Count && !log.IsFull; node++)
                Check(node);
        }
        catch (TooCostlyException)
        {
            log.Error("too-costly", place.Path(), "the invariants of this resource would take too long to check");
        }

        foreach (var node in _contained.Values)
        {
            if (!_referenced.Contains(node))
                Fail(node, "a contained resource must be referred to from elsewhere in the resource, or refer to it (dom-3)");
        }
    }

    private void Check(int node)
    {
        var definitions = R4.Definitions;
        var element = tape[node].Element < 0 ? null : definitions.ElementsByNumber[tape[node].Element];
        var type = tape.TypeOf(node);
        if (type is null)
        {
            CheckPrimitive(node, element!);
        }
        else
        {
            foreach (var invariant in type.Invariants)
                Check(node, invariant);
            if (type == definitions.Reference)
                CheckReference(node, element);
            else if (type == definitions.CodeableConcept && element?.Binding is { } binding)
                CheckConcept(node, binding);
        }

        if (element is not null && !tape[node].IsShadow)
        {
            foreach (var invariant in element.Invariants)
                Check(node, invariant);
        }
    }

    private void Check(int node, InvariantDefinition invariant)
    {
        _scope.Focus(node, tape.TypeOf(node)?.IsResource == true ? node : ResourceOf(node));
        _focus[0] = Item.Of(node);
        if (invariant.Compiled.Test(_scope, _focus) == true)
            return;
        var words = $"{invariant.Human} ({invariant.Key})";
        if (invariant.IsError)
            Fail(node, words);
        else
            log.Warn("invariant", place.Path() + tape.PathTo(node), words);
    }

    private void CheckPrimitive(int node, ElementDefinition element)
    {
        ref var value = ref tape[node];
        var kind = (PrimitiveKind)(-1 - value.Type);
        if (!value.HasValue)
        {
            if (kind == PrimitiveKind.Code && element.Binding is not null && !value.IsShadow && value.End > node + 1)
                Fail(node, "a code is required here, an extension cannot stand in its place", code: "code-invalid");
        }
        else if (kind is PrimitiveKind.Canonical or PrimitiveKind.Uri or PrimitiveKind.Url && tape.Raw(node).StartsWith("#"u8))
        {
            MarkReferenced(node, tape.Text(node)!);
        }
    }

    /// <summary>dom-2, dom-4 and dom-5, and the ids that local references may name.</summary>
    private void EnterContained(int node)
    {
        var container = ContainerOf(node);
        if (tape[node].Parent != container)
            Fail(node, "a contained resource must not contain resources (dom-2)");
        if (tape.Child(node, "meta") is > 0 and var meta)
        {
            if (tape.Child(meta, "versionId") > 0 || tape.Child(meta, "lastUpdated") > 0)
                Fail(node, "a contained resource must not have a meta.versionId or a meta.lastUpdated (dom-4)");
            if (tape.Child(meta, "security") > 0)
                Fail(node, "a contained resource must not have a security label (dom-5)");
        }

        if (tape.Text(tape.Child(node, "id")) is not { } id)
            Fail(node, "a contained resource must have an id to be referred to by (dom-3)");
        else if (!_contained.TryAdd((container, id), node))
            Fail(node, "two contained resources have the same id");
    }

    private void CheckReference(int node, ElementDefinition? element)
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
                Fail(literal, "a local reference must name a contained resource (ref-1)");
            target = contained < 0 ? null : tape.TypeOf(contained);
            CheckMember(node, target);
        }
        else if (ReferenceFormat.TryReadSearch(text, out target))
        {
            CheckSearch(node, literal);
        }
        else if (!ReferenceFormat.TryRead(text, out target))
        {
            Fail(literal, "a reference is an absolute URI, Type/id of a type of R4, or #id", code: "value");
            return;
        }

        if (target is null || element is null)
            return;
        var targets = Array.Find(element.Types, type => type.TypeIndex == R4.Definitions.Reference.Index)?.Targets ?? [];
        if (targets.Length > 0 && !targets.Contains("Resource") && !targets.Contains(target.Name, StringComparer.Ordinal))
            Fail(literal, $"the reference must point at one of {string.Join(", ", targets)}");
    }

    /// <summary>ctm-1, as far as a reference resolves without leaving the resource.</summary>
    private void CheckMember(int node, ObjectType? target)
    {
        var participant = tape[node].Parent;
        if (target is not (null or { Name: "Practitioner" }) && tape.TypeOf(participant) is { Name: "CareTeam.participant" }
            && tape.NameOf(node) == "member" && tape.Child(participant, "onBehalfOf") > 0)
        {
            Fail(participant, "onBehalfOf can only be there when the member is a Practitioner (ctm-1)");
        }
    }

    /// <summary>A bundle inside another resource is on the tape and answers itself; the one around the tape is asked at its end.</summary>
    private void CheckSearch(int node, int literal)
    {
        do
            node = ResourceOf(node);
        while (node > 0 && tape.TypeOf(node) != R4.Definitions.Bundle);
        if (tape.TypeOf(node) != R4.Definitions.Bundle)
            SearchReference ??= place.Path() + tape.PathTo(literal);
        else if (tape.Text(tape.Child(node, "type")) != "transaction")
            Fail(literal, BundleRules.SearchOutsideTransaction, code: "value");
    }

    private void CheckConcept(int node, CodeSet binding)
    {
        var end = tape[node].End;
        for (var child = tape.FirstChild(node); child < end; child = tape.NextChild(child, end))
        {
            if (tape.NameOf(child) == "coding" && tape.Text(tape.Child(child, "system")) is { } system
                && tape.Child(child, "code") is > 0 and var code && binding.Contains(system, tape.Bytes(code)))
            {
                return;
            }
        }

        Fail(node, $"one coding must be of {binding.Url}, with its system", code: "code-invalid");
    }

    /// <summary>Notes what <c>#id</c> names, and returns it, or -1. <c>#</c> alone is the container, which it refers to.</summary>
    private int MarkReferenced(int node, string reference)
    {
        var container = ContainerOf(node);
        if (reference.Length == 1)
        {
            var inner = ResourceOf(node);
            if (inner != container)
                _referenced.Add(inner);
            return -1;
        }

        if (!_contained.TryGetValue((container, reference[1..]), out var target))
            return -1;
        _referenced.Add(target);
        return target;
    }

    /// <summary>The nearest resource above.</summary>
    private int ResourceOf(int node)
    {
        do
            node = Math.Max(0, tape[node].Parent);
        while (node > 0 && tape.TypeOf(node) is not { IsResource: true });
        return node;
    }

    /// <summary>The nearest resource above that is not contained itself.</summary>
    private int ContainerOf(int node)
    {
        do
            node = ResourceOf(node);
        while (node > 0 && tape.NameOf(node) == Contained);
        return node;
    }

    private void Fail(int node, string words, string code = "invariant") => log.Error(code, place.Path() + tape.PathTo(node), words);
}
