using System.Collections.Concurrent;

namespace Lazaret.Node.Linux;

/// <summary>
/// A thread of its own for a run. The kernel kills a sandbox when the <em>thread</em> that started it ends (PR_SET_PDEATHSIG), and a
/// thread of the pool may end at any time; reading a program's pipes also blocks for as long as the program runs.
/// <para>
/// The thread may move into other namespaces, and a thread that it starts inherits them: a thread of the pool would then reach neither network
/// nor files. Completing a task can start one. So another thread does that, which was started before any run.
/// </para>
/// </summary>
internal static class RunThread
{
    private static readonly BlockingCollection<Action> Completions = [];

    static RunThread()
    {
        new Thread(() =>
        {
            foreach (var complete in Completions.GetConsumingEnumerable())
                complete();
        })
        {
            Name = "ends of runs",
            IsBackground = true,
        }.Start();
        // The first timer starts the runtime's thread for timers: let that not be a run's.
        _ = Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
    }

    public static Task<T> Start<T>(string name, Func<T> body)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                var result = body();
                Completions.Add(() => done.SetResult(result));
            }
            catch (OperationCanceledException e)
            {
                Completions.Add(() => done.SetCanceled(e.CancellationToken));
            }
            catch (Exception e)
            {
                Completions.Add(() => done.SetException(e));
            }
        })
        {
            Name = name,
            IsBackground = true,
        }.Start();
        return done.Task;
    }
}
