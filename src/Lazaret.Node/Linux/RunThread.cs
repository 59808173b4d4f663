namespace Lazaret.Node.Linux;

/// <summary>
/// A thread of its own for a run. The kernel kills a sandbox when the <em>thread</em> that started it ends (PR_SET_PDEATHSIG), and a
/// thread of the pool may end at any time; reading a program's pipes also blocks for as long as the program runs.
/// </summary>
internal static class RunThread
{
    public static Task<T> Start<T>(string name, Func<T> body)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                done.SetResult(body());
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        {
            Name = name,
            IsBackground = true,
        }.Start();
        return done.Task;
    }
}
