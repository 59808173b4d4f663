using System.Collections.Concurrent;

namespace Lazaret.Node.Linux;

/// <summary>
/// A thread of its own for a run. The kernel kills a sandbox when the <em>thread</em> that started it ends (PR_SET_PDEATHSIG), and threads of
/// .NET's pool may end at any time. Also, reading a program's pipes blocks for as long as the program runs.
/// <para>
/// The thread may enter other namespaces, and a thread that it starts inherits them. Completing a task can start a thread of the pool, which then
/// would reach neither network nor files. So another thread, started before any run, completes the tasks. The thread with which .NET compiles methods anew ends when it has
/// been idle for some seconds, and is started again from whichever thread calls such a method: it needs neither, and leaves the namespaces with its next end.
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
        // The first timer starts .NET's thread for timers, which must not inherit a run's namespaces either.
        _ = Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        // Nor must the collector's own threads, which it starts for its first collection in the background.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
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
