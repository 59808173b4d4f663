namespace Lazaret.Fhir.Negotiations;

/// <summary>LOINC's own rules about its codes.</summary>
public static class Loinc
{
    public const string System = "http://loinc.org";

    /// <summary>
    /// Digits, a hyphen, and a check digit by Luhn's algorithm (LOINC Users' Guide, appendix "Calculating Mod 10 check digits").
    /// </summary>
    public static bool HasValidCheckDigit(string code)
    {
        var hyphen = code.Length - 2;
        if (hyphen is < 1 or > 7 || code[hyphen] != '-' || !char.IsAsciiDigit(code[^1]))
            return false;
        var sum = 0;
        for (var i = hyphen - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(code[i]))
                return false;
            var digit = code[i] - '0';
            var doubled = (hyphen - 1 - i) % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }

        return (10 - (sum % 10)) % 10 == code[^1] - '0';
    }

    /// <summary>A UCUM unit in which LOINC shows the code's values; null where it is not known here, and of other systems' codes.</summary>
    public static string? ExampleUnitOf(ObservationRequirement requirement) =>
        requirement.System == System ? LoincProperty.Of(requirement.Code)?.ExampleUnit : null;
}
