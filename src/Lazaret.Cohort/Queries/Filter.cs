namespace Lazaret.Cohort.Queries;

/// <summary>One condition on a row. A row whose value is missing meets none.</summary>
public abstract record Filter(string Name)
{
    /// <summary>A category with one of these levels.</summary>
    /// <param name="Levels">Sorted, each once.</param>
    public sealed record OneOf(string Name, IReadOnlyList<string> Levels) : Filter(Name)
    {
        public bool Equals(OneOf? other) => other is not null && Name == other.Name && Levels.SequenceEqual(other.Levels);

        public override int GetHashCode() => HashCode.Combine(Name, Levels.Count);
    }

    /// <summary>A number from <paramref name="Min"/> (included) to <paramref name="Max"/> (excluded, unless <paramref name="MaxIncluded"/>).</summary>
    public sealed record Within(string Name, double Min, double Max, bool MaxIncluded) : Filter(Name);

    /// <summary>A number that is exactly this one; for the steward alone.</summary>
    public sealed record EqualTo(string Name, double Value) : Filter(Name);
}
