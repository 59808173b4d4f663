using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>Where a fault is in its resource, told from the fault outwards: as much as its relevance depends on.</summary>
internal struct FaultPlace
{
    private string? _innermost;
    private string? _outermost;
    private bool _isModifier;

    /// <summary>The element around what was told so far.</summary>
    public void Step(string name)
    {
        _innermost ??= name;
        _outermost = name;
        _isModifier |= name is "modifierExtension" or "implicitRules";
    }

    /// <param name="resource">The resource that the last step is an element of.</param>
    /// <param name="isEntry">It is an entry's, of the outermost bundle.</param>
    public readonly Relevance In(ObjectType resource, bool isEntry)
    {
        // The literal of a reference, whatever it refers to: references hold a bundle together.
        if (_isModifier || _innermost == "reference" || resource == R4.Definitions.Bundle)
            return Relevance.Refuses;
        if (_outermost is not null && ReadElements.OfAny.Contains(_outermost.TrimStart('_')))
            return Relevance.Refuses;
        if (ReadElements.Of(resource.Name) is not { } read)
            return Relevance.Elsewhere;
        // An unknown element may be a misspelling of an element that is read. A rule of the whole resource may concern any element.
        var isRead = _outermost is null || resource[_outermost] is null || read.IsReadWhenAsked(_outermost);
        if (_outermost is not null && read.IsAlwaysRead(_outermost))
            return Relevance.Refuses;
        if (!isRead)
            return Relevance.Elsewhere;
        return isEntry && read.Concept is not null ? Relevance.WhenAsked : Relevance.Refuses;
    }
}
