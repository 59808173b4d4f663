using System.Runtime.InteropServices;

namespace Lazaret.Node.Linux;

internal static partial class LinuxCalls
{
    /// <summary>The processor time that the calling thread has had so far.</summary>
    internal static TimeSpan ThreadTime()
    {
        const int ThreadProcessorTime = 3;
        Check(ReadClock(ThreadProcessorTime, out var at), "clock_gettime");
        return TimeSpan.FromTicks((at.Seconds * TimeSpan.TicksPerSecond) + (at.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ReadClock(int clock, out ClockTime at);

    private struct ClockTime
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
