namespace Lazaret.Cohort.Queries;

/// <summary>What is wrong with one field of a request.</summary>
/// <param name="Field">The form field: <c>outcome</c>, <c>filters</c>, …</param>
/// <param name="Allowed">What would have been right; empty when no list says it.</param>
public sealed record FieldFault(string Field, string Message, IReadOnlyList<string> Allowed)
{
    public override string ToString() => Allowed.Count == 0 ? $"{Field}: {Message}" : $"{Field}: {Message}; allowed: {string.Join(", ", Allowed)}";
}
