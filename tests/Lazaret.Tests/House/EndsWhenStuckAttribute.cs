using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

[assembly: Lazaret.Tests.House.EndsWhenStuck]

namespace Lazaret.Tests.House;

/// <summary>
/// Bounds every test: after five minutes its token is cancelled, which the tests wait with; if none begins or ends for five more, the whole run ends
/// and names those under way. Without this a test that waits for ever says nothing, until whoever runs them all gives up.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EndsWhenStuckAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, UnderWay> Tests = new();
    private static long _moved = Environment.TickCount64;
    private static string _last = "none";

    // A thread of its own: the pool's threads may be what everybody waits for.
    static EndsWhenStuckAttribute() => new Thread(Watch) { Name = "watch over the tests", IsBackground = true }.Start();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        Tests[test.UniqueID] = new UnderWay(test.TestDisplayName, TestContext.Current, Environment.TickCount64);
        Volatile.Write(ref _moved, Environment.TickCount64);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        Tests.TryRemove(test.UniqueID, out _);
        _last = test.TestDisplayName;
        Volatile.Write(ref _moved, Environment.TickCount64);
    }

    private static void Watch()
    {
        using var never = new ManualResetEvent(initialState: false);
        do
        {
            never.WaitOne(TimeSpan.FromSeconds(5));
            foreach (var test in Tests.Values.Where(test => !test.IsCancelled && Age(test.Began) > Patience))
            {
                Console.Error.WriteLine($"{test.Name} has taken {Patience.TotalMinutes} minutes, and is cancelled.");
                test.Cancel();
            }
        }
        while (Age(Volatile.Read(ref _moved)) < 2 * Patience);
        Environment.FailFast(
            $"No test has begun or ended for {2 * Patience.TotalMinutes} minutes. Under way: {string.Join("; ", Tests.Values.Select(test => test.Name))}. The last to end: {_last}.");
    }

    private static TimeSpan Age(long since) => TimeSpan.FromMilliseconds(Environment.TickCount64 - since);

    private sealed record UnderWay(string Name, ITestContext Context, long Began)
    {
        public bool IsCancelled { get; private set; }

        public void Cancel()
        {
            IsCancelled = true;
            // The tests' callbacks run in here, and must not end the watch.
            _ = Task.Run(Context.CancelCurrentTest);
        }
    }
}
