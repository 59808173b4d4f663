namespace Lazaret.Cohort.Nifti;

/// <summary>A file that is no sound NIfTI volume. The message is one line, begins with the field, and never holds a path.</summary>
/// <param name="field">The header field, or the part of the file, that is at fault: <c>dim[1]</c>, <c>vox_offset</c>, <c>gzip</c>, <c>data</c>.</param>
/// <param name="found">What was found, and what was expected.</param>
public sealed class NiftiException(string field, string found, Exception? inner = null) : Exception($"{field}: {found}", inner)
{
    public string Field { get; } = field;
}
