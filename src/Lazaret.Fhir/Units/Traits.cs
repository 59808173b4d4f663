namespace Lazaret.Fhir.Units;

/// <summary>
/// What UCUM lets go and a clinician does not: that a number counts moles, that grams went by grams, what an annotation named. What
/// stands above the line and what stands below it are kept apart, so that mol/mol is not g/g.
/// </summary>
/// <param name="Above">Quantities in the numerator.</param>
/// <param name="Below">Quantities in the denominator.</param>
/// <param name="Notes">Annotations in the numerator, without case and plural.</param>
/// <param name="NotesBelow">Annotations in the denominator.</param>
/// <param name="Counts">Annotations in the numerator of what is a bare number otherwise: <c>10*3{RBC}</c>.</param>
internal sealed record Traits(Exponents Above, Exponents Below, Exponents Notes, Exponents NotesBelow, Exponents Counts)
{
    public const string Amount = "amount of substance";
    public const string Equivalents = "equivalents";
    public const string Particles = "dissolved particles";

    /// <summary>Units that UCUM defines by the same base units as others, and what they are of.</summary>
    private static readonly Dictionary<string, string> Quantities = new(StringComparer.Ordinal)
    {
        ["mol"] = Amount,
        ["eq"] = Equivalents,
        ["osm"] = Particles,
        ["Bq"] = "decays",
        ["Gy"] = "absorbed dose",
        ["RAD"] = "absorbed dose",
        ["Sv"] = "equivalent dose",
        ["REM"] = "equivalent dose",
        ["bit"] = "information",
        ["Bd"] = "signals",
        ["[HPF]"] = "high power fields",
        ["[LPF]"] = "low power fields",
        ["[NTU]"] = "turbidity, nephelometric",
        ["[FNU]"] = "turbidity, formazin",
        ["[hnsf'U]"] = "Hounsfield units",
        ["B"] = "bel",
        ["Np"] = "neper",
        ["bit_s"] = "bit_s",
        ["[hp'_X]"] = "homeopathic X",
        ["[hp'_C]"] = "homeopathic C",
        ["[hp'_M]"] = "homeopathic M",
        ["[hp'_Q]"] = "homeopathic Q",
    };

    public static Traits None { get; } = new(Exponents.None, Exponents.None, Exponents.None, Exponents.None, Exponents.None);

    /// <summary>What went by itself: grams by grams, litres by litres.</summary>
    public IEnumerable<string> Cancelled => Above.Names.Intersect(Below.Names, StringComparer.Ordinal).Where(name => !IsNamed(name));

    /// <summary>The traits of an atom with these of its definition.</summary>
    public Traits Named(string atom) => this with
    {
        Above = Quantities.TryGetValue(atom, out var quantity) ? Exponents.Of(quantity) : Named(Above),
        Below = quantity is null ? Named(Below) : Exponents.None,
    };

    /// <summary>The same, of a unit that is nothing but a power of a mass, a length or a time.</summary>
    public Traits Measured(Dimension dimension)
    {
        var (name, exponent) = dimension switch
        {
            { Mass: not 0 } when dimension == new Dimension { Mass = dimension.Mass } => ("mass", dimension.Mass),
            { Length: not 0 } when dimension == new Dimension { Length = dimension.Length } => ("length", dimension.Length),
            { Time: not 0 } when dimension == new Dimension { Time = dimension.Time } => ("time", dimension.Time),
            _ => ("", 0),
        };
        if (exponent == 0)
            return this;
        var measured = Exponents.Of($"{name} {Math.Abs(exponent)}");
        return exponent > 0 ? this with { Above = Above.Plus(measured) } : this with { Below = Below.Plus(measured) };
    }

    public Traits Noted(string annotation, bool isNumber)
    {
        var note = Exponents.Of(annotation.Trim().ToLowerInvariant().TrimEnd('s'));
        return isNumber ? this with { Counts = Counts.Plus(note) } : this with { Notes = Notes.Plus(note) };
    }

    public Traits Plus(Traits other) => ReferenceEquals(other, None) ? this : new(
        Above.Plus(other.Above), Below.Plus(other.Below), Notes.Plus(other.Notes), NotesBelow.Plus(other.NotesBelow), Counts.Plus(other.Counts));

    public Traits Times(int exponent) => exponent switch
    {
        > 0 => new(Above.Times(exponent), Below.Times(exponent), Notes, NotesBelow, Counts),
        0 => None,
        _ => new(Below.Times(-exponent), Above.Times(-exponent), NotesBelow, Notes.Plus(Counts), Exponents.None),
    };

    /// <summary>The quantities that are named.</summary>
    public static Exponents Named(Exponents quantities) =>
        quantities.Names.Where(name => !IsNamed(name)).Aggregate(quantities, (named, name) => named.Without(name));

    private static bool IsNamed(string quantity) => !char.IsAsciiDigit(quantity[^1]);
}
