using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Store;

/// <summary>The files of a view's volumes as they were just after the view was read, to tell whether the view is still right. Nothing of their content is read.</summary>
public sealed class VolumeStamps
{
    private readonly DataView _view;
    private readonly Fingerprint?[] _stamps;

    public VolumeStamps(DataView view) => (_view, _stamps) = (view, [.. view.Rows.Select(Fingerprint.TryOf)]);

    /// <summary>How many of the rows' volumes are not there any more, and whether anything is another way: a volume gone, changed, or there that was not.</summary>
    public (int Gone, bool HaveChanged) Look()
    {
        var gone = _view.Rows.Count(row => !IsThere(row));
        return (gone, gone > 0 || _view.Rows.Where((row, index) => Fingerprint.TryOf(row) != _stamps[index]).Any() || _view.Absent.Any(IsThere));
    }

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
