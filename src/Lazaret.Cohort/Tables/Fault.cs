using Lazaret.Cohort.Files;

namespace Lazaret.Cohort.Tables;

/// <summary>Something wrong in the data view. It names the place and the rule, never a subject or a value: those are patient data.</summary>
/// <param name="File">Relative to the view: <c>subjects.csv</c>, <c>site.yaml</c>, <c>masks/STN.nii.gz</c>.</param>
/// <param name="Line">From 1; 0 when the fault is about the whole file.</param>
/// <param name="Column">From 1: the field of a table, the character of a YAML file; 0 when the fault is about the whole line.</param>
public sealed record Fault(string File, int Line, int Column, string Message)
{
    /// <summary>The fault as one line of plain text: names of columns and files may hold any characters.</summary>
    public override string ToString() => PlainText.Line((Line, Column) switch
    {
        (0, _) => $"{File}: {Message}",
        (_, 0) => $"{File}:{Line}: {Message}",
        _ => $"{File}:{Line}:{Column}: {Message}",
    });
}
