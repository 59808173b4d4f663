using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Tests.Fhir.Validation;

namespace Lazaret.FhirBench;

/// <summary>The wall time of reading hostile shapes, each at one size and at half of it: the whole of a request but its HTTP.</summary>
internal static class ShapeTimes
{
    private const int Probe = 1000;

    public static void Print(int bytes)
    {
        Console.WriteLine($"{"MB",6} {"half",9} {"whole",9} {"ratio",6}  shape: verdict");
        foreach (var (name, shape) in HostileShapes.All)
        {
            var items = (int)((long)Probe * bytes / shape(Probe).Length);
            var (half, whole) = (Encoding.UTF8.GetBytes(shape(items / 2)), Encoding.UTF8.GetBytes(shape(items)));
            Seconds(Encoding.UTF8.GetBytes(shape(Probe)), out _);
            var (first, second) = (Seconds(half, out _), Seconds(whole, out var verdict));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{whole.Length / 1e6,6:F1} {first * 1e3,6:F0} ms {second * 1e3,6:F0} ms {second / first,6:F1}  {name}: {verdict}"));
        }
    }

    /// <summary>The better of two rounds.</summary>
    private static double Seconds(byte[] json, out string verdict)
    {
        var best = double.MaxValue;
        verdict = "";
        for (var round = 0; round < 2; round++)
        {
            var start = Stopwatch.GetTimestamp();
            switch (BundleReader.Read(json))
            {
                case BundleReading.Readable { Bundle: var bundle }:
                    verdict = Negotiator.Negotiate(HostileShapes.Requirements, bundle, DateTimeOffset.UnixEpoch).Verdict;
                    break;
                case BundleReading.Invalid { Issues: var issues }:
                    verdict = $"{issues.Count} issues, {issues[0].Diagnostics}";
                    break;
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
