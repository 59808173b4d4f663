namespace Lazaret.Cohort.Kernels;

/// <summary>Sums of many blocks on all processors, the same to the last digit however many there are and whichever ends first: blocks are parted the same way always, and what the parts sum to is added in their order.</summary>
internal static class OrderedSums
{
    private const int Parts = 64;

    /// <param name="blocks">How many.</param>
    /// <param name="begin">What a thread sums into.</param>
    /// <param name="add">Adds a block to that.</param>
    /// <param name="end">Adds what a part summed to the whole, and makes it 0 again. It is called for one part at a time, in their order.</param>
    public static void Add<TLocal>(int blocks, Func<TLocal> begin, Action<int, TLocal> add, Action<TLocal> end, CancellationToken cancellationToken)
    {
        var (next, ended, isBroken, turn) = (-1, 0, false, new object());
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, Environment.ProcessorCount, options, _ =>
        {
            try
            {
                var local = begin();
                // Parts are taken in their order, so that the one whose turn it is is always at work.
                for (var part = Interlocked.Increment(ref next); part < Parts; part = Interlocked.Increment(ref next))
                {
                    for (var block = (int)((long)part * blocks / Parts); block < (int)((part + 1L) * blocks / Parts); block++)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        add(block, local);
                    }

                    lock (turn)
                    {
                        while (ended < part && !isBroken)
                            Monitor.Wait(turn);
                        if (isBroken)
                            return;
                        end(local);
                        ended++;
                        Monitor.PulseAll(turn);
                    }
                }
            }
            catch
            {
                // Nobody waits for a part that will not end.
                lock (turn)
                {
                    isBroken = true;
                    Monitor.PulseAll(turn);
                }

                throw;
            }
        });
    }
}
