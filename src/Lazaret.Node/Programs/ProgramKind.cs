namespace Lazaret.Node.Programs;

/// <summary>What a visiting program works on.</summary>
public enum ProgramKind
{
    /// <summary>One patient's observations.</summary>
    Model,

    /// <summary>A cohort, beside the data view.</summary>
    Analysis,
}
