using Lazaret.Fhir.Units;

namespace Lazaret.Tests.Fhir.Units;

public sealed class UcumUnitTests
{
    [Theory]
    [InlineData("mmHg", "UCUM writes mm[Hg]")]
    [InlineData("mEq/L", "UCUM writes meq")]
    [InlineData("mg//dL", "a unit is missing before position 4")]
    [InlineData("mg/", "a unit is missing at the end")]
    [InlineData("73m2", "an operator is missing before position 3")]
    [InlineData("(m", "a parenthesis is not closed")]
    [InlineData("m)", "a parenthesis closes that was not opened")]
    [InlineData("m{a", "a brace is not closed")]
    [InlineData("[in_i", "a bracket is not closed")]
    [InlineData("m+", "an exponent is missing")]
    [InlineData("0", "the number 0 measures nothing")]
    [InlineData("Cel/min", "a special unit")]
    [InlineData("Cel2", "takes no such exponent")]
    [InlineData("", "a unit is missing")]
    public void A_fault_says_what_and_where(string code, string words)
    {
        Assert.Null(UcumUnit.Parse(code, out var fault));
        Assert.Contains(words, fault, StringComparison.Ordinal);
    }

    public static TheoryData<string> Lookalikes() => [.. UnitLookalikes.Wrong.Keys];

    [Theory]
    [MemberData(nameof(Lookalikes))]
    public void What_people_write_for_a_unit_is_refused_with_UCUMs_way(string code)
    {
        Assert.Null(UcumUnit.Parse(code, out var fault));
        Assert.Contains($"'{code}' is no unit; UCUM writes {UnitLookalikes.Wrong[code]}", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("µmol/L", "'µmol' is no unit; UCUM writes umol")]
    [InlineData("10*3/µL", "'µL' is no unit; UCUM writes uL")]
    [InlineData("Ω", "'Ω' is no unit")]
    [InlineData("\u202em", "a unit is missing before position 1")]
    [InlineData("m\u00b2", "an operator is missing before position 2")]
    public void Letters_beyond_ASCII_are_named_where_a_unit_should_be(string code, string words)
    {
        Assert.Null(UcumUnit.Parse(code, out var fault));
        Assert.Contains(words, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_rarely_meant_is_a_unit_all_the_same() => Assert.All(UnitLookalikes.Right.Keys, code => Assert.NotNull(UcumUnit.Parse(code)));

    /// <summary>A pattern to repeat, how often, and what comes after it.</summary>
    [Theory]
    [InlineData("(", 30, "m")]
    [InlineData("(", 10_000, "m")]
    [InlineData("(", 1_000_000, "")]
    [InlineData("m/", 1_000_000, "m")]
    [InlineData("{", 1_000_000, "")]
    [InlineData("[", 1_000_000, "]")]
    [InlineData("m", 1_000_000, "")]
    [InlineData("1", 1_000_000, "")]
    [InlineData("m9", 1, "9999999999")]
    [InlineData("10*9", 1, "99999999999999999999999999999999999999999999999999999999999")]
    [InlineData("10*999.", 60, "m")]
    [InlineData("[pi]999.", 30, "m")]
    [InlineData("Ym999/ym999.", 20, "m")]
    [InlineData("/", 200, "m")]
    [InlineData("\0", 10, "")]
    [InlineData("\ud800", 10, "")]
    public void Strings_from_strangers_are_bounded(string pattern, int count, string end) =>
        Assert.Null(UcumUnit.Parse(string.Concat(Enumerable.Repeat(pattern, count)) + end));

    [Theory]
    [InlineData(31, true)]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void Parentheses_nest_to_a_depth(int depth, bool isValid) =>
        Assert.Equal(isValid, UcumUnit.Parse(new string('(', depth) + "m" + new string(')', depth)) is not null);

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void A_unit_has_a_length(int length, bool isValid) => Assert.Equal(isValid, UcumUnit.Parse($"m{{{new string('a', length - 3)}}}") is not null);

    [Fact]
    public void A_long_chain_within_the_length_is_read()
    {
        var chain = string.Join('/', Enumerable.Repeat("m", 128));

        Assert.True(UnitConversion.Of(UcumUnit.Parse(chain)!, UcumUnit.Parse("m-126")!).AreEqual);
    }

    [Fact]
    public void Random_strings_of_the_grammars_own_characters_never_throw()
    {
        const string alphabet = "m.s/g(){}[]10*^+-2%'kKCelB[pH]dB{a}";
        var random = new Random(20260601);
        for (var i = 0; i < 100_000; i++)
        {
            var code = new string([.. Enumerable.Range(0, random.Next(1, 14)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            if (UcumUnit.Parse(code, out var fault) is { } unit)
                Assert.True(UnitConversion.Of(unit, unit).AreEqual, code);
            else
                Assert.NotNull(fault);
        }
    }
}
