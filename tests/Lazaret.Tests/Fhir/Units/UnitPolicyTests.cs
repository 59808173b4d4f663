using Lazaret.Fhir.Units;

namespace Lazaret.Tests.Fhir.Units;

public sealed class UnitPolicyTests
{
    [Theory]
    [InlineData("Cel", "[degF]")]
    [InlineData("K", "Cel")]
    [InlineData("kg", "[lb_av]")]
    [InlineData("mm[Hg]", "kPa")]
    [InlineData("1/min", "/min")]
    [InlineData("{beat}/min", "{beats}/min")]
    [InlineData("{beats}/min", "/min")]
    [InlineData("/min", "Hz")]
    [InlineData("10*3{RBC}/uL", "10*9/L")]
    [InlineData("{rbc}/uL", "{RBC}/uL")]
    [InlineData("%{vol}", "%")]
    [InlineData("%", "1")]
    [InlineData("L/L", "%")]
    [InlineData("mL/dL", "L/L")]
    [InlineData("mg/g", "%")]
    [InlineData("U/L", "ukat/L")]
    [InlineData("U/L", "umol/min/L")]
    [InlineData("Ci", "Bq")]
    [InlineData("RAD", "Gy")]
    [InlineData("REM", "mSv")]
    [InlineData("mosm/kg", "osm/kg")]
    [InlineData("By", "bit")]
    [InlineData("[pH]", "nmol/L")]
    [InlineData("dB[SPL]", "Pa")]
    [InlineData("mm[Hg].min/L", "[wood'U]")]
    [InlineData("mL/min/{1.73_m2}", "L/h/{1.73_m2}")]
    [InlineData("mmol/mol", "umol/mmol")]
    public void Certain_conversions_go(string from, string to) => AssertBothWays(UnitVerdict.Go, from, to);

    [Theory]
    [InlineData("mol", "1")]
    [InlineData("eq", "osm")]
    [InlineData("eq/L", "/L")]
    [InlineData("mmol/mol", "%")]
    [InlineData("Bq", "Hz")]
    [InlineData("Bq", "kat")]
    [InlineData("Bq", "/s")]
    [InlineData("RAD", "REM")]
    [InlineData("Sv", "J/kg")]
    [InlineData("[HPF]", "1")]
    [InlineData("bit", "1")]
    [InlineData("B", "Np")]
    [InlineData("dB", "1")]
    [InlineData("mg/g", "mL/dL")]
    [InlineData("mg/kg/d", "/d")]
    [InlineData("mg/g{creat}", "mg/g{prot}")]
    [InlineData("mg/g{creat}", "mg/g")]
    [InlineData("ug{FEU}/L", "ug/L")]
    [InlineData("ug/L{FEU}", "ug/L{DDU}")]
    [InlineData("{beats}/min", "{breaths}/min")]
    [InlineData("mL/min/{1.73_m2}", "mL/min")]
    [InlineData("/100{WBC}", "/100")]
    [InlineData("[NTU]", "[FNU]")]
    public void What_a_clinician_would_tell_apart_is_asked(string from, string to) => AssertBothWays(UnitVerdict.Ask, from, to);

    [Theory]
    [InlineData("[IU]/L", "U/L")]
    [InlineData("[IU]", "1")]
    [InlineData("[HPF]", "m2")]
    [InlineData("mg", "mmol")]
    [InlineData("deg", "%")]
    [InlineData("K/uL", "10*3/uL")]
    public void What_is_not_commensurable_is_refused(string from, string to) => AssertBothWays(UnitVerdict.Refuse, from, to);

    private static void AssertBothWays(UnitVerdict verdict, string from, string to)
    {
        Assert.Equal(verdict, UnitConversion.Find(from, to)!.Verdict);
        Assert.Equal(verdict, UnitConversion.Find(to, from)!.Verdict);
    }
}
