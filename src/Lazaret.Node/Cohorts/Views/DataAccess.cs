using Lazaret.Cohort.Tables;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>Which files outside the data view a program sees, and whether programs may read the view's files.</summary>
internal static class DataAccess
{
    /// <summary>The mounts of what is outside the view.</summary>
    public static IEnumerable<ReadOnlyMount> Outside(DataView view) =>
        // A file that is gone by now is not mounted. The program then says that it is missing.
        view.Outside.Where(path => Path.Exists(path.Source)).Select(path => new ReadOnlyMount(path.Source, path.Target) { IsExact = true });

    /// <summary>A node that root starts runs programs under user ids that own nothing. Null, or what to do. Names no volume: a path may name a subject.</summary>
    public static string? Fault(DataView view)
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        var files = Directory.EnumerateFiles(view.Directory).Concat(view.Masks.Select(view.MaskPath)).Concat(view.Rows.Select(row => row.VolumePath));
        var (closed, broken) = (0, 0);
        foreach (var file in files.Distinct(StringComparer.Ordinal))
        {
            try
            {
                closed += (File.GetUnixFileMode(file) & UnixFileMode.OtherRead) == 0 ? 1 : 0;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // A volume that is gone is not closed: the view is read again without it.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                broken++;
            }
        }

        if (broken > 0)
            return $"{broken} of the files cannot be looked at: see whether their disk or mount is well: ls -lR {view.Directory} >/dev/null";
        return closed == 0
            ? null
            : $"programs cannot read {closed} of the files, since they run under user ids of their own when root starts the node: chmod -R o+rX {view.Directory}, or start the node as a user who may read them";
    }
}
