using System.Diagnostics;
using System.Globalization;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

// AuditBench STATE SECONDS, with ConnectionStrings__Lazaret: entries that stand for themselves, on a PostgreSQL that a node has migrated. 64 writers, each with its next
// entry once the last is committed and linked. Prints how many a second, by all writers together; the first three seconds are not counted.
const int Writers = 64;
var options = new NodeOptions { State = args[0], Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres, AutoMigrate = false } };
var (warmUp, measured) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(int.Parse(args[1], CultureInfo.InvariantCulture)));
await using var services = new ServiceCollection().AddLogging().AddLazaret(options, new ConfigurationBuilder().AddEnvironmentVariables().Build()).BuildServiceProvider();
var audit = services.GetRequiredService<AuditLog>();
var counted = 0;
var clock = Stopwatch.StartNew();
await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
{
    while (clock.Elapsed < warmUp + measured)
    {
        await audit.WriteAsync(AuditAction.RequestRefused, $"bench-{writer}", new() { ["faults"] = "bench" }, CancellationToken.None);
        if (clock.Elapsed >= warmUp && clock.Elapsed < warmUp + measured)
            Interlocked.Increment(ref counted);
    }
}));
Console.WriteLine((counted / measured.TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
