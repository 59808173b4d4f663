namespace Lazaret.Fhir.Units;

/// <summary>A unit by UCUM's case-sensitive codes, version 2.2: https://ucum.org/ucum. Immutable.</summary>
public sealed class UcumUnit
{
    /// <summary>The code system's URI in FHIR.</summary>
    public const string System = "http://unitsofmeasure.org";

    /// <summary>Longer ones are not read.</summary>
    public const int MaxLength = UnitParser.MaxLength;

    private static readonly RecentCache<string, Reading> Recent = new(1024);

    private UcumUnit(string code, Meaning meaning) => (Code, Meaning) = (code, meaning);

    public string Code { get; }

    /// <summary>Its values are a function of the quantity, not multiples of it: Cel, [pH], dB.</summary>
    public bool IsSpecial => Meaning.Special is not null;

    internal Meaning Meaning { get; }

    /// <summary>The unit; null when the code is no UCUM.</summary>
    public static UcumUnit? Parse(string code) => Parse(code, out _);

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="code">The code as it came: nothing is trimmed.</param>
    /// <param name="fault">What is wrong when the answer is null, in words.</param>
    public static UcumUnit? Parse(string code, out string? fault)
    {
        var reading = code.Length > MaxLength ? Read(code) : Recent.GetOrAdd(code, Read);
        fault = reading.Fault;
        return reading.Unit;
    }

    public override string ToString() => Code;

    private static Reading Read(string code) =>
        UnitParser.Parse(code, out var fault) is { } meaning ? new(new UcumUnit(code, meaning), null) : new(null, fault);

    private sealed record Reading(UcumUnit? Unit, string? Fault);
}
