using Lazaret.Fhir.Units;
using Lazaret.UcumTable;

namespace Lazaret.Tests.Fhir.Units;

public sealed class UnitTableTests
{
    public static TheoryData<string> Codes() => [.. UnitTable.Atoms.Select(atom => atom.Code)];

    public static TheoryData<string> ArbitraryCodes() =>
        [.. UnitTable.Atoms.Select(atom => atom.Code).Where(code => !UcumUnit.Parse(code)!.Meaning.Arbitrary.IsEmpty)];

    [Fact]
    public void The_table_is_that_of_UCUM_2_2()
    {
        Assert.Equal(24, UnitTable.Prefixes.Count());
        Assert.Equal(312, UnitTable.Atoms.Count());
        Assert.Equal(41, UnitTable.Atoms.Count(atom => atom.IsArbitrary));
        Assert.Equal(21, UnitTable.Atoms.Count(atom => atom.IsSpecial));
    }

    /// <summary><c>LAZARET_UCUM_PACKAGES</c> names the folder in which <c>npm pack @atomic-ehr/ucum@0.2.5 ucum@0.0.7</c> was run.</summary>
    [Fact]
    public void The_committed_table_is_what_the_packages_give()
    {
        var packages = Environment.GetEnvironmentVariable("LAZARET_UCUM_PACKAGES") ?? "";
        Assert.SkipUnless(Directory.Exists(packages), "LAZARET_UCUM_PACKAGES names no folder with the two packages");
        using var reader = new StreamReader(typeof(UcumUnit).Assembly.GetManifestResourceStream("ucum.tsv")!);

        Assert.Equal(Facts.Notice + string.Concat(Facts.Read(packages).Select(row => row + "\n")), reader.ReadToEnd());
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
    [MemberData(nameof(ArbitraryCodes))]
    public void An_arbitrary_unit_converts_to_itself_alone(string code)
    {
        var unit = UcumUnit.Parse(code)!;
        var others = UnitTable.Atoms.Where(other => UnitConversion.Of(unit, UcumUnit.Parse(other.Code)!).IsCommensurable).Select(other => other.Code);

        Assert.Equal(code is "[iU]" or "[IU]" ? ["[IU]", "[iU]"] : [code], others.Order(StringComparer.Ordinal));
    }
}
