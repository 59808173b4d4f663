namespace Lazaret.Cohort.Tables;

/// <summary>A variable that may be a filter or a covariate.</summary>
public abstract record Variable(string Name)
{
    public sealed record Category(string Name, IReadOnlyList<string> Levels) : Variable(Name);

    /// <param name="Bins">The edges, increasing. A bin includes its lower edge and not its upper one; the last bin includes both.</param>
    public sealed record Number(string Name, IReadOnlyList<double> Bins) : Variable(Name);
}
