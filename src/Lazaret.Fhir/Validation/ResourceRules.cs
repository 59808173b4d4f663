using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Validation.FhirPath;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The rules that look across the nodes of one resource: invariants, coded concepts, ids of elements; contained resources and
/// references are <see cref="ReferenceRules"/>'. Two passes over the tape, each linear in its length.
/// </summary>
internal sealed class ResourceRules(NodeTape tape, NodeIssues issues, FhirBudget budget)
{
    private readonly Scope _scope = new(tape, budget);
    private readonly ReferenceRules _references = new(tape, issues, budget);
    private readonly HashSet<(int Resource, string Id)> _elementIds = [];
    private readonly List<Item> _focus = [default];

    /// <inheritdoc cref="ReferenceRules.Search"/>
    public SearchReference? SearchReference => _references.Search;

    /// <summary>Checks the resource on the tape.</summary>
    public void Check()
    {
        _elementIds.Clear();
        _scope.Restart();
        _references.Begin();
        budget.Spend(tape.Count);
        try
        {
            for (var node = 0; node < tape.Count && !issues.IsFull; node++)
                Check(node);
        }
        catch (TooCostlyException)
        {
            issues.Refuse(0, "the invariants of this resource would take too long to check", code: "too-costly");
        }

        _references.End();
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
                _references.Check(node, element);
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
        if (!invariant.IsError && !issues.KeepsWarnings)
            return;
        _scope.Focus(node, tape.TypeOf(node)?.IsResource == true ? node : tape.ResourceOf(node));
        _focus[0] = Item.Of(node);
        if (CompiledInvariants.Of(invariant).Test(_scope, _focus) == true)
            return;
        var words = $"{invariant.Human} ({invariant.Key})";
        if (invariant.IsError)
            issues.Error(node, words);
        else
            issues.Warn(node, words);
    }

    private void CheckPrimitive(int node, ElementDefinition element)
    {
        ref var value = ref tape[node];
        var kind = (PrimitiveKind)(-1 - value.Type);
        if (!value.HasValue)
        {
            if (kind == PrimitiveKind.Code && element.Binding is not null && !value.IsShadow && value.End > node + 1)
                issues.Error(node, "a code is required here, an extension cannot stand in its place", code: "code-invalid");
        }
        else if (kind is PrimitiveKind.Canonical or PrimitiveKind.Uri or PrimitiveKind.Url)
        {
            _references.CheckUri(node);
        }
        else if (kind == PrimitiveKind.Xhtml)
        {
            _references.CheckNarrative(node);
        }
        else if (element is { Index: 0, Name: "id" } && tape.TypeOf(value.Parent) is not { IsResource: true })
        {
            CheckElementId(node);
        }
    }

    /// <summary>
    /// Element.id names the element inside of its resource. Those of a StructureDefinition name elements of what it defines, the same
    /// in its snapshot and its differential; its invariants hold them apart.
    /// </summary>
    private void CheckElementId(int node)
    {
        if (PrimitiveFormat.HasWhite(tape.Bytes(node)))
            issues.Error(node, "the id of an element has no spaces", code: "value");
        var resource = tape.ResourceOf(node);
        if (tape.TypeOf(resource) is not { Name: "StructureDefinition" } && !_elementIds.Add((resource, tape.Text(node)!)))
            issues.Error(node, "the id of an element must be unique in its resource");
    }

    private void CheckConcept(int node, CodeSet binding)
    {
        var end = tape[node].End;
        for (var child = tape.FirstChild(node); child < end; child = tape.NextChild(child, end))
        {
            budget.Spend();
            if (tape.NameOf(child) == "coding" && tape.Text(tape.Child(child, "system")) is { } system
                && tape.Child(child, "code") is > 0 and var code && binding.Contains(system, tape.Bytes(code)))
            {
                return;
            }
        }

        issues.Error(node, $"one coding must be of {binding.Url}, with its system", code: "code-invalid");
    }
}
