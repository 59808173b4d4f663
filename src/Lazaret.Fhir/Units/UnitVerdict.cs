namespace Lazaret.Fhir.Units;

/// <summary>What a negotiation makes of a value in one unit where another is asked for.</summary>
public enum UnitVerdict
{
    /// <summary>They measure different things, or one is no unit.</summary>
    Refuse,

    /// <summary>UCUM converts them, but a clinician would not without knowing more: Gy and Sv, mol and eq, {RBC} and {WBC}.</summary>
    Ask,

    /// <summary>The conversion is certain.</summary>
    Go,
}
