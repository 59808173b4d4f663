using Lazaret.Fhir.Units;

namespace Lazaret.Tests.Fhir.Units;

public sealed class UnitTableTests
{
    public static TheoryData<string> Codes() => [.. UnitTable.Atoms.Select(atom => atom.Code)];

    [Fact]
    public void The_table_is_that_of_UCUM_2_2()
    {
        Assert.Equal(24, UnitTable.Prefixes.Count());
        Assert.Equal(312, UnitTable.Atoms.Count());
        Assert.Equal(41, UnitTable.Atoms.Count(atom => atom.IsArbitrary));
        Assert.Equal(21, UnitTable.Atoms.Count(atom => atom.IsSpecial));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_atom_means_something_and_takes_prefixes_only_if_it_is_metric(string code)
    {
        var atom = UnitTable.Find(code)!.Value.Atom;

        Assert.Equal(code, atom.Code);
        Assert.NotNull(UcumUnit.Parse(code));
        foreach (var prefix in UnitTable.Prefixes.Where(prefix => UnitTable.Atoms.All(other => other.Code != prefix + code)))
        {
            if (!atom.IsMetric)
                Assert.Null(UcumUnit.Parse(prefix + code));
            else if (!atom.IsSpecial)
                Assert.Equal(UnitTable.Find(prefix + "m")!.Value.Prefix, UcumUnit.Parse(prefix + code)!.Meaning.Factor / atom.Meaning.Factor);
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void An_arbitrary_unit_converts_to_itself_alone(string code)
    {
        var unit = UcumUnit.Parse(code)!;
        if (!unit.IsArbitrary)
            return;

        var others = UnitTable.Atoms.Where(other => UnitConversion.Of(unit, UcumUnit.Parse(other.Code)!).IsCommensurable).Select(other => other.Code);

        Assert.Equal(code is "[iU]" or "[IU]" ? ["[IU]", "[iU]"] : [code], others.Order(StringComparer.Ordinal));
    }
}
