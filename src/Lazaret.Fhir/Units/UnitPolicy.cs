namespace Lazaret.Fhir.Units;

/// <summary>Which conversions that UCUM allows are certain.</summary>
internal static class UnitPolicy
{
    /// <param name="from">The unit of the value.</param>
    /// <param name="to">The unit asked for, of the same dimension.</param>
    public static UnitVerdict Judge(Meaning from, Meaning to)
    {
        var isSame = Traits.Named(from.Traits.Above).Equals(Traits.Named(to.Traits.Above))
            && Traits.Named(from.Traits.Below).Equals(Traits.Named(to.Traits.Below))
            && CancelAlike(from, to)
            && AreNotedAlike(from.Traits, to.Traits)
            && AreCountedAlike(from, to);
        return isSame ? UnitVerdict.Go : UnitVerdict.Ask;
    }

    /// <param name="from">The unit of the value.</param>
    /// <param name="to">The unit asked for, of the same dimension but for the mass.</param>
    /// <param name="masses">How many more masses <paramref name="from"/> has: as many amounts of substance must have come for them.</param>
    public static UnitVerdict JudgeMolar(Meaning from, Meaning to, int masses)
    {
        var isSame = Amounts(to.Traits) - Amounts(from.Traits) == masses
            && Others(from.Traits.Above).Equals(Others(to.Traits.Above))
            && Others(from.Traits.Below).Equals(Others(to.Traits.Below))
            && AreNotedAlike(from.Traits, to.Traits);
        return isSame ? UnitVerdict.Go : UnitVerdict.Ask;
    }

    /// <summary>Both can be units of one property; annotations aside, and equivalents taken for moles.</summary>
    public static bool CouldBe(Meaning unit, Meaning known) =>
        unit.Dimension == known.Dimension && unit.Arbitrary.Equals(known.Arbitrary)
        && Kinds(unit.Traits.Above).SetEquals(Kinds(known.Traits.Above)) && Kinds(unit.Traits.Below).SetEquals(Kinds(known.Traits.Below));

    /// <summary>A mass or an amount of substance is part of it.</summary>
    public static bool TakesMolarMass(Meaning unit) => unit.Special is null
        && (unit.Dimension.Mass is 1 or -1 || Amounts(unit.Traits) != 0 || unit.Traits.Cancelled.Contains("mass 1", StringComparer.Ordinal));

    /// <summary>Of two dimensions, but a factor of the substance's own may lead from one to the other: by its molar mass, or by the procedure that defines a unit.</summary>
    public static bool MayHaveFactor(Meaning from, Meaning to) =>
        !from.Arbitrary.Equals(to.Arbitrary)
        || (from.Dimension == to.Dimension with { Mass = from.Dimension.Mass } && Math.Abs(from.Dimension.Mass - to.Dimension.Mass) == 1);

    // mg/g is a percentage, and so is mL/dL; but mg/g is not mL/dL, nor mg/kg/d a frequency.
    private static bool CancelAlike(Meaning from, Meaning to)
    {
        var (one, other) = (from.Traits.Cancelled.ToList(), to.Traits.Cancelled.ToList());
        return one.SequenceEqual(other, StringComparer.Ordinal)
            || (from.Dimension == Dimension.None && from.Arbitrary.IsEmpty && (one.Count == 0 || other.Count == 0));
    }

    // {RBC}/uL is /uL, where an observation's code says what is counted anyhow. mg/g{creat} is not mg/g, nor ug{FEU}/L ug/L: there the
    // annotation says of which substance. Two that differ contradict each other.
    private static bool AreNotedAlike(Traits from, Traits to)
    {
        if (from.Notes.Equals(to.Notes) && from.NotesBelow.Equals(to.NotesBelow) && from.Counts.Equals(to.Counts))
            return true;
        var noted = IsNoted(from) ? from : to;
        return !(IsNoted(from) && IsNoted(to)) && noted.Notes.IsEmpty && noted.NotesBelow.IsEmpty;
    }

    // A score is no percentage: of bare numbers that name what they count on one side alone, only equal ones are the same.
    private static bool AreCountedAlike(Meaning from, Meaning to) =>
        from.Dimension != Dimension.None || from.Traits.Counts.Equals(to.Traits.Counts) || from.Factor.Equals(to.Factor);

    private static bool IsNoted(Traits traits) => !traits.Notes.IsEmpty || !traits.NotesBelow.IsEmpty || !traits.Counts.IsEmpty;

    private static int Amounts(Traits traits) => traits.Above[Traits.Amount] - traits.Below[Traits.Amount];

    private static HashSet<string> Kinds(Exponents quantities) => Traits.Named(quantities).Names
        .Select(name => name is Traits.Equivalents or Traits.Particles ? Traits.Amount : name).ToHashSet(StringComparer.Ordinal);

    private static Exponents Others(Exponents quantities) => Traits.Named(quantities).Without(Traits.Amount);
}
