using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

[assembly: Lazaret.Tests.House.EndsWhenStuck]

namespace Lazaret.Tests.House;

/// <summary>
/// Ends the run when no test has begun or ended for five minutes, and names those under way: a run that waits for ever says nothing of where it
/// waits. The thread is not the pool's, which may be what everybody waits for.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EndsWhenStuckAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, string> UnderWay = new();
    private static long _moved = Environment.TickCount64;
    private static string _last = "none";

    static EndsWhenStuckAttribute() => new Thread(Watch) { Name = "watch over the tests", IsBackground = true }.Start();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        UnderWay[test.UniqueID] = test.TestDisplayName;
        Volatile.Write(ref _moved, Environment.TickCount64);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        UnderWay.TryRemove(test.UniqueID, out _);
        _last = test.TestDisplayName;
        Volatile.Write(ref _moved, Environment.TickCount64);
    }

    private static void Watch()
    {
        using var never = new ManualResetEvent(initialState: false);
        while (Environment.TickCount64 - Volatile.Read(ref _moved) < Patience.TotalMilliseconds)
            never.WaitOne(TimeSpan.FromSeconds(5));
        Environment.FailFast(
            $"No test has begun or ended for {Patience.TotalMinutes} minutes. Under way: {string.Join("; ", UnderWay.Values.Order())}. The last to end: {_last}.");
    }
}
