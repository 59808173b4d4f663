namespace Lazaret.Node.Cohorts;

/// <summary>The memory that uploads in flight may take together. Uploads are kept in memory so that no map ever lies on a disk in clear.</summary>
public sealed class UploadMemory(CohortOptions options)
{
    private long _free = options.UploadMemory;

    /// <summary>Takes some; false when there is not as much left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _free, -bytes) >= 0)
            return true;
        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _free, bytes);
}
