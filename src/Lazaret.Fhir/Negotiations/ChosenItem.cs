using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>The datum that meets a requirement.</summary>
/// <param name="Source"><c>Observation/o1</c>, <c>Observation/o1#8480-6</c> for a component, or the fullUrl of a URN entry.</param>
/// <param name="Earliest">The earliest instant at which it can have been true; null when it is undated.</param>
public sealed record ChosenItem(Requirement Requirement, string Source, ChosenValue Value, DateTimeOffset? Earliest)
{
    /// <summary>The value as the bundle has it, where it had to be converted.</summary>
    public ChosenValue.Measured? ConvertedFrom { get; init; }

    /// <summary>The newer datum that cannot be used, where the requirement allows an older one in its place.</summary>
    public Finding? InsteadOf { get; init; }

    /// <summary>The value as the bundle has it; null for a condition or medication.</summary>
    internal ObservedValue? Original { get; init; }
}

/// <summary>What the model gets. The set is closed.</summary>
public abstract record ChosenValue
{
    private ChosenValue()
    {
    }

    /// <param name="Number">Converted to the unit asked for: exact where its digits end, otherwise rounded to 15.</param>
    /// <param name="Unit">The UCUM code; null for a bare number.</param>
    public sealed record Measured(decimal Number, string? Unit) : ChosenValue;

    /// <summary>A coded value, by the token that the requirement gives it, or <c>system|code</c> when it gives none.</summary>
    public sealed record Token(string Text) : ChosenValue;

    /// <summary>A condition or medication: that it is there is the whole answer.</summary>
    public sealed record Present : ChosenValue;
}
