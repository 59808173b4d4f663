namespace Lazaret.Fhir;

/// <summary>Which faults of a resource refuse it. The others are warnings.</summary>
public sealed class FhirScope
{
    private readonly HashSet<string>? _codes;

    private FhirScope(HashSet<string>? codes) => _codes = codes;

    /// <summary>Every fault.</summary>
    public static FhirScope Whole { get; } = new(null);

    internal bool IsWhole => _codes is null;

    /// <summary>
    /// The faults that could mislead a reader of the bundle: see <see cref="Bundles.ReadElements"/>, and docs/fhir-validation.md for all
    /// of them. If the root is no Bundle (but Parameters with one inside), only what is around the inner resources is checked strictly: the
    /// caller takes the bundle out and validates it by itself.
    /// </summary>
    /// <param name="codes">
    /// The codes that are asked for, with or without <c>system|</c>. Of a resource whose codings all mean
    /// something else, only the subject and the status are read.
    /// </param>
    public static FhirScope Relevant(IEnumerable<string> codes) =>
        new(codes.Select(code => code[(code.LastIndexOf('|') + 1)..]).ToHashSet(StringComparer.Ordinal));

    internal bool Asks(string code) => _codes is null || _codes.Contains(code);
}
