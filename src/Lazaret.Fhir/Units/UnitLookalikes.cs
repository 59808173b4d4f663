using System.Collections.Frozen;

namespace Lazaret.Fhir.Units;

/// <summary>What people write for a unit, and how UCUM writes it: for the words of a refusal, never to guess by.</summary>
internal static class UnitLookalikes
{
    internal static readonly FrozenDictionary<string, string> Wrong = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["mmHg"] = "mm[Hg]", ["mm[HG]"] = "mm[Hg]", ["mmhg"] = "mm[Hg]", ["cmH"] = "cm[H2O]", ["Torr"] = "mm[Hg]", ["psi"] = "[psi]",
        ["bpm"] = "/min or {beats}/min", ["rpm"] = "/min", ["BPM"] = "/min or {beats}/min", ["breaths"] = "{breaths}", ["beats"] = "{beats}",
        ["degC"] = "Cel", ["°C"] = "Cel", ["celsius"] = "Cel", ["Celsius"] = "Cel", ["degF"] = "[degF]", ["°F"] = "[degF]",
        ["lb"] = "[lb_av]", ["lbs"] = "[lb_av]", ["oz"] = "[oz_av]", ["in"] = "[in_i]", ["inch"] = "[in_i]", ["inches"] = "[in_i]", ["KG"] = "kg",
        ["grams"] = "g", ["gm"] = "g", ["mcg"] = "ug", ["µg"] = "ug", ["μg"] = "ug", ["µL"] = "uL", ["mcL"] = "uL", ["µmol"] = "umol", ["cc"] = "mL",
        ["sec"] = "s", ["secs"] = "s", ["hr"] = "h", ["hrs"] = "h", ["hour"] = "h", ["hours"] = "h", ["mins"] = "min", ["minute"] = "min",
        ["day"] = "d", ["days"] = "d", ["week"] = "wk", ["weeks"] = "wk", ["month"] = "mo", ["months"] = "mo", ["yr"] = "a", ["year"] = "a", ["years"] = "a",
        ["IU"] = "[IU]", ["mIU"] = "m[IU]", ["uIU"] = "u[IU]", ["mEq"] = "meq", ["Eq"] = "eq", ["mOsm"] = "mosm", ["mMol"] = "mmol", ["M"] = "mol/L",
        ["mM"] = "mmol/L", ["uM"] = "umol/L", ["nM"] = "nmol/L", ["ppm"] = "[ppm]", ["ppb"] = "[ppb]", ["percent"] = "%", ["copies"] = "{copies}",
        ["cells"] = "{cells}", ["score"] = "{score}", ["ratio"] = "{ratio}", ["INR"] = "{INR}", ["HPF"] = "[HPF]", ["CFU"] = "[CFU]", ["x"] = "10*",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static readonly FrozenDictionary<string, string> Right = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["C"] = "C is coulomb; degrees Celsius are Cel",
        ["F"] = "F is farad; degrees Fahrenheit are [degF]",
        ["K/uL"] = "K is kelvin; thousands in a microliter are 10*3/uL",
        ["K/mm3"] = "K is kelvin; thousands in a cubic millimeter are 10*3/mm3",
        ["MG"] = "MG is megagauss; milligram is mg",
        ["ft"] = "ft is femtotonne; foot is [ft_i]",
        ["pt"] = "pt is picotonne; pint is [pt_us]",
        ["pH"] = "pH is picohenry; acidity is [pH]",
        ["Pg"] = "Pg is petagram; picogram is pg",
        ["u"] = "u is the atomic mass unit",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>UCUM's way to write what is no unit; null when none is known.</summary>
    public static string? Of(string symbol) => Wrong.GetValueOrDefault(symbol);

    /// <summary>What a unit that is one is, where it is rarely what was meant; null where nothing is known.</summary>
    public static string? MeantOtherwise(string unit) => Right.GetValueOrDefault(unit);
}
