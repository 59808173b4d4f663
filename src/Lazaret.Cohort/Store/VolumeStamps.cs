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
        var (gone, refused, haveChanged) = (0, 0, _view.Absent.Any(IsThere));
        foreach (var (index, row) in _view.Rows.Index())
        {
            var isRefused = IsRefused(row);
            refused += isRefused && !_refused[index] ? 1 : 0;
            gone += !isRefused && !IsThere(row) ? 1 : 0;
            haveChanged |= isRefused != _refused[index] || Fingerprint.TryOf(row) != _stamps[index];
        }

        return (gone, refused, haveChanged || gone > 0);
    }

    private static bool IsRefused(CohortRow row) => AccessRight.IsReadRefused(row.VolumePath);

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
