using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>Why a volume that the site declares could not be read.</summary>
internal static class VolumeFault
{
    /// <param name="what">The volume is, as "mask".</param>
    /// <returns>Null where the exception is about something else.</returns>
    public static Fault? Of(Exception exception, string file, string what) => exception switch
    {
        NiftiException => new Fault(file, 0, 0, $"no sound {what}: {exception.Message}"),
        IOException or UnauthorizedAccessException => new Fault(file, 0, 0, $"the {what} cannot be read"),
        _ => null,
    };
}
