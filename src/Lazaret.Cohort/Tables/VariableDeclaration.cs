namespace Lazaret.Cohort.Tables;

/// <summary>A declared variable: a category with its levels or a number with its bins.</summary>
public abstract record VariableDeclaration(string Name)
{
    public sealed record Category(string Name, IReadOnlyList<string> Levels) : VariableDeclaration(Name);

    /// <param name="Edges">At least two, increasing.</param>
    public sealed record Number(string Name, IReadOnlyList<double> Edges) : VariableDeclaration(Name);
}
