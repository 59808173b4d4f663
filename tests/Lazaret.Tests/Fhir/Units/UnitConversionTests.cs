using System.Globalization;
using Lazaret.Fhir.Units;

namespace Lazaret.Tests.Fhir.Units;

public sealed class UnitConversionTests
{
    private static readonly UcumUnit[] Units =
    [
        .. UnitTable.Atoms.Where(atom => !atom.Code.StartsWith("[hp'", StringComparison.Ordinal)).Select(atom => UcumUnit.Parse(atom.Code)!),
        .. new[] { "mg/dL", "mmol/L", "/min", "{beats}/min", "m[IU]/mL", "10*9/L", "kg.m/s2", "mCel", "dB", "dB[mV]", "kW.h", "mg/g{creat}" }.Select(code => UcumUnit.Parse(code)!),
    ];

    [Theory]
    [InlineData("101.48", "[degF]", "Cel", "38.6")]
    [InlineData("37", "Cel", "K", "310.15")]
    [InlineData("-40", "Cel", "[degF]", "-40")]
    [InlineData("0", "Cel", "[degF]", "32")]
    [InlineData("165", "[lb_av]", "kg", "74.84274105")]
    [InlineData("1", "h", "d", "0.0416666666666666666666666667")]
    [InlineData("79228162514264337593543950335", "m", "m", "79228162514264337593543950335")]
    [InlineData("79228162514264337593543950335", "m", "km", "79228162514264337593543950.335")]
    [InlineData("0.0000000000000000000000000001", "Gg", "fg", "0.0001")]
    [InlineData("0.00000000000001", "km", "m", "0.00000000001")]
    [InlineData("12345678901234567890.123456789", "[in_i]", "cm", "31358024409135802440.913580244")]
    [InlineData("20", "dB", "1", "100")]
    [InlineData("7.4", "[pH]", "nmol/L", "39.8107170553497")]
    public void Decimals_are_converted_exactly_or_rounded_at_their_end(string value, string from, string to, string expected)
    {
        Assert.True(UnitConversion.Find(from, to)!.TryConvert(decimal.Parse(value, CultureInfo.InvariantCulture), out var converted));
        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), converted);
    }

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void No_decimal_overflows_on_the_way(string prefix)
    {
        foreach (var value in new[] { decimal.MaxValue, decimal.MinValue, 1e14m, 273.15m, 2.9e-27m, 1e-28m, 0m })
        {
            foreach (var (from, to) in new[] { ("K", $"{prefix}Cel"), ($"{prefix}Cel", "[degF]"), ($"{prefix}m", "[in_i]"), ("Pa", $"{prefix}B[SPL]"), ($"{prefix}B[SPL]", "Pa") })
                UnitConversion.Find(from, to)!.TryConvert(value, out _);
        }
    }

    public static TheoryData<string> Prefixes() => [.. UnitTable.Prefixes];

    [Theory]
    [InlineData("79228162514264337593543950335", "km", "m")]
    [InlineData("1", "ym", "Ym")]
    [InlineData("0", "1", "B")]
    [InlineData("-1", "mmol/L", "[pH]")]
    [InlineData("1000", "B", "1")]
    [InlineData("90", "deg", "%[slope]")]
    public void What_a_decimal_cannot_hold_or_a_function_does_not_give_is_no_value(string value, string from, string to) =>
        Assert.False(UnitConversion.Find(from, to)!.TryConvert(decimal.Parse(value, CultureInfo.InvariantCulture), out _));

    [Theory]
    [InlineData("1", "1.0000000000000001", "Np", "0.0000000000000001")]
    [InlineData("1", "1.00000001", "B", "0.0000000043429447973")]
    [InlineData("deg", "89.99999", "%[slope]", "572957795.13082")]
    public void Digits_are_kept_near_the_zeros_and_poles_of_functions(string from, string value, string to, string expected)
    {
        var converted = double.Parse(UnitConversion.Find(from, to)!.Convert(value)!, CultureInfo.InvariantCulture);

        Assert.Equal(1, converted / double.Parse(expected, CultureInfo.InvariantCulture), 1e-10);
    }

    [Fact]
    public void To_be_commensurable_is_symmetric_and_transitive_and_equal_units_are_commensurable()
    {
        var classes = new List<List<UcumUnit>>();
        foreach (var unit in Units)
        {
            var own = classes.Where(members => UnitConversion.Of(unit, members[0]).IsCommensurable).ToList();
            Assert.True(own.Count <= 1, unit.Code);
            if (own.Count == 0)
                classes.Add([unit]);
            else
                own[0].Add(unit);
        }

        foreach (var (one, other) in classes.SelectMany(members => members.SelectMany(_ => members, (one, other) => (one, other))))
        {
            var there = UnitConversion.Of(one, other);
            var back = UnitConversion.Of(other, one);
            Assert.True(there.IsCommensurable && back.IsCommensurable, $"{one} {other}");
            Assert.Equal((there.AreEqual, there.Verdict), (back.AreEqual, back.Verdict));
        }

        Assert.Equal(UnitVerdict.Refuse, UnitConversion.Of(classes[0][0], classes[1][0]).Verdict);
    }

    [Fact]
    public void A_value_that_goes_there_and_back_is_the_same()
    {
        var random = new Random(20260602);
        var checkedPairs = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var (from, to) = (Units[random.Next(Units.Length)], Units[random.Next(Units.Length)]);
            var value = new decimal(random.Next(1, 5_000_000), 0, 0, false, (byte)random.Next(5));
            if (UnitConversion.Of(from, to).Convert(value.ToString(CultureInfo.InvariantCulture)) is not { } there)
                continue;
            // A double loses what lies beyond its range, and a slope repeats itself.
            if (UnitConversion.Of(to, from).Convert(there) is not { } back || from.IsSpecial || to.IsSpecial)
                continue;
            Assert.Equal(1, double.Parse(back, CultureInfo.InvariantCulture) / (double)value, 1e-12);
            checkedPairs++;
        }

        Assert.InRange(checkedPairs, 500, 20_000);
    }

    [Theory]
    [InlineData("Cel", "[degF]")]
    [InlineData("[degF]", "K")]
    [InlineData("[degRe]", "mCel")]
    [InlineData("[pH]", "nmol/L")]
    [InlineData("dB", "Np")]
    [InlineData("dB[SPL]", "Pa")]
    [InlineData("dB[kW]", "B[W]")]
    [InlineData("bit_s", "1")]
    [InlineData("%[slope]", "deg")]
    [InlineData("[p'diop]", "rad")]
    [InlineData("[m/s2/Hz^(1/2)]", "m2/s3")]
    public void A_special_value_that_goes_there_and_back_is_the_same(string from, string to)
    {
        foreach (var value in new[] { 0.25m, 1.5m, 7.35m, 40m, 98.6m })
        {
            var there = UnitConversion.Find(from, to)!.Convert(value.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(1, double.Parse(UnitConversion.Find(to, from)!.Convert(there)!, CultureInfo.InvariantCulture) / (double)value, 1e-12);
        }
    }

    [Fact]
    public void Decimals_and_digits_of_any_length_agree()
    {
        var random = new Random(20260603);
        foreach (var (one, other) in Units.SelectMany(_ => Units, (one, other) => (one, other)))
        {
            var value = new decimal(random.Next(1, 1_000_000), 0, 0, random.Next(2) == 0, (byte)random.Next(4));
            var conversion = UnitConversion.Of(one, other);
            if (!conversion.TryConvert(value, out var converted))
                continue;
            var text = double.Parse(conversion.Convert(value.ToString(CultureInfo.InvariantCulture))!, CultureInfo.InvariantCulture);
            Assert.True(Math.Abs((double)converted - text) <= Math.Abs(text) * 1e-11, $"{value} {one} in {other}: {converted}, {text}");
        }
    }

    [Theory]
    [InlineData("[degF]", "Cel")]
    [InlineData("[lb_av]", "kg")]
    [InlineData("mm[Hg]", "kPa")]
    [InlineData("{beats}/min", "/min")]
    [InlineData("[pH]", "nmol/L")]
    public void A_conversion_found_again_allocates_nothing(string from, string to)
    {
        Convert();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Convert();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Convert() => UnitConversion.Find(from, to)!.TryConvert(98.6m, out _);
    }

    [Theory]
    [InlineData("mg/dL", "mmol/L", "90.08", 180.16, "5", "Go")]
    [InlineData("mmol/L", "g/L", "5", 180.16, "0.9008", "Go")]
    [InlineData("mg/mmol{creat}", "mg/g{creat}", "1", 113.12, "8.84016973125884016973", "Go")]
    [InlineData("mg/dL", "meq/L", "4.008", 40.08, "1", "Ask")]
    [InlineData("mg/dL", "{copies}/mL", "1", 100, "60221407600000000", "Ask")]
    public void A_molar_mass_leads_from_masses_to_amounts_alone(string from, string to, string value, double molarMass, string expected, string verdict)
    {
        Assert.Equal(UnitVerdict.Refuse, UnitConversion.Find(from, to)!.Verdict);
        var conversion = UnitConversion.Find(from, to, (decimal)molarMass)!;

        Assert.Equal(verdict, conversion.Verdict.ToString());
        Assert.Equal(1, double.Parse(conversion.Convert(value)!, CultureInfo.InvariantCulture) / double.Parse(expected, CultureInfo.InvariantCulture), 1e-12);
    }

    [Theory]
    [InlineData("mg/dL", "kPa")]
    [InlineData("mg/dL", "mmol")]
    [InlineData("[IU]/L", "mmol/L")]
    [InlineData("[pH]", "g/L")]
    [InlineData("mg2/dL", "mmol/L")]
    public void A_molar_mass_helps_nothing_else(string from, string to) => Assert.Equal(UnitVerdict.Refuse, UnitConversion.Find(from, to, 100)!.Verdict);
}
