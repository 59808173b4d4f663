using System.Diagnostics;

namespace Lazaret.Tests;

/// <summary>Waits for what another process or thread brings about, and gives no signal of.</summary>
internal static class Wait
{
    public static Task UntilAsync(Func<bool> condition, string what = "it") => UntilAsync(() => Task.FromResult(condition()), what);

    public static Task UntilAsync(Func<bool> condition, Func<string> what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <param name="condition">Asked again and again until it holds.</param>
    /// <param name="what">What did not come about, for the message when it never holds.</param>
    public static Task UntilAsync(Func<Task<bool>> condition, string what = "it") => UntilAsync(condition, () => what);

    /// <param name="condition">Asked again and again until it holds.</param>
    /// <param name="what">What did not come about, as it is known in the end.</param>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{what()} did not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
