using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Store;

/// <summary>The files of a view's volumes as they were just after the view was read, to tell whether the view is still right. Nothing of their content is read.</summary>
public sealed class VolumeStamps
{
    private readonly DataView _view;
    private readonly Fingerprint?[] _stamps;
    private readonly bool[] _refused;

    public VolumeStamps(DataView view) => (_view, _stamps, _refused) = (view, [.. view.Rows.Select(Fingerprint.TryOf)], [.. view.Rows.Select(IsRefused)]);

    /// <summary>The rows whose volumes this process's user could not read when the view was read.</summary>
    public IReadOnlyList<CohortRow> Refused => [.. _view.Rows.Where((_, index) => _refused[index])];

    /// <summary>
    /// How many of the rows' volumes are not there any more, how many this process's user may read no longer, and whether anything is another way: a volume gone,
    /// changed, opened or closed to this user, or there that was not.
    /// </summary>
    public (int Gone, int Refused, bool HaveChanged) Look()
    {
        var refused = _view.Rows.Where((row, index) => !_refused[index] && IsRefused(row)).Count();
        var gone = _view.Rows.Count(row => !IsThere(row) && !IsRefused(row));
        return (gone, refused, gone + refused > 0 || _view.Rows.Where((row, index) => Fingerprint.TryOf(row) != _stamps[index] || IsRefused(row) != _refused[index]).Any() || _view.Absent.Any(IsThere));
    }

    private static bool IsRefused(CohortRow row) => ReadRight.IsRefused(row.VolumePath);

    private static bool IsThere(CohortRow row)
    {
        try
        {
            return File.Exists(row.VolumePath) && FinalFile.Of(row.VolumePath).Exists;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
