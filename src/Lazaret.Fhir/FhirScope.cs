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
    /// Those that a reader of the bundle could be misled by: see <see cref="Bundles.ReadElements"/>, and docs/fhir-validation.md for all
    /// of them. Where the root is no Bundle, that is Parameters with one inside, only what is around the inner resources is held strictly:
    /// whoever takes one out of it validates it by itself.
    /// </summary>
    /// <param name="codes">
    /// The codes that are asked for, with or without <c>system|</c>. If none of a resource's codings has one of these codes, only its
    /// subject and status are read.
    /// </param>
    public static FhirScope Relevant(IEnumerable<string> codes) =>
        new(codes.Select(code => code[(code.LastIndexOf('|') + 1)..]).ToHashSet(StringComparer.Ordinal));

    internal bool Asks(string code) => _codes is null || _codes.Contains(code);
}
