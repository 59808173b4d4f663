using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>Whether somebody may ask for what the resource on the tape is about.</summary>
internal sealed class AskedCodes(NodeTape tape, FhirScope scope, FhirBudget budget)
{
    /// <summary>False only when the resource has codings, and each of them, and of its components', is another one than any that is asked for.</summary>
    public bool MayBeAsked()
    {
        var concept = tape.TypeOf(0) is { } type && ReadElements.Of(type.Name)?.Concept is { } name ? tape.Child(0, name) : -1;
        if (concept < 0 || tape.TypeOf(concept) != R4.Definitions.CodeableConcept || IsUnknownOrAsked(concept))
            return true;
        var end = tape[0].End;
        for (var child = tape.FirstChild(0); child < end; child = tape.NextChild(child, end))
        {
            budget.Spend();
            if (tape.NameOf(child) == "component" && (tape.Child(child, "code") is not (> 0 and var code) || IsUnknownOrAsked(code)))
                return true;
        }

        return false;
    }

    private bool IsUnknownOrAsked(int concept)
    {
        var isKnown = false;
        var end = tape[concept].End;
        for (var child = tape.FirstChild(concept); child < end; child = tape.NextChild(child, end))
        {
            budget.Spend();
            if (tape.NameOf(child) != "coding")
                continue;
            if (tape.Text(tape.Child(child, "code")) is not { } code || scope.Asks(code))
                return true;
            isKnown |= tape.Child(child, "system") > 0;
        }

        return !isKnown;
    }
}
