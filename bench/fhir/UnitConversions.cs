using System.Diagnostics;
using System.Globalization;
using Lazaret.Fhir.Units;

namespace Lazaret.FhirBench;

/// <summary>What a conversion takes: with the pair at hand, found again by its codes, and prepared anew.</summary>
internal static class UnitConversions
{
    private static readonly (string From, string To)[] Pairs =
    [
        ("[degF]", "Cel"), ("[lb_av]", "kg"), ("mm[Hg]", "kPa"), ("{beats}/min", "/min"), ("10*3/uL", "10*9/L"), ("mg/g{creat}", "ug/mg{creat}"), ("[pH]", "nmol/L"),
    ];

    public static void Measure()
    {
        Console.WriteLine($"{"from",12} {"to",14} {"convert",12} {"find, convert",16} {"allocated",10} {"prepare",12} {"allocated",10}");
        foreach (var (from, to) in Pairs)
        {
            var (fromUnit, toUnit) = (UcumUnit.Parse(from)!, UcumUnit.Parse(to)!);
            var conversion = UnitConversion.Of(fromUnit, toUnit);
            var (convert, _) = Time(1_000_000, () => conversion.TryConvert(7.4m, out _));
            var (find, allocated) = Time(1_000_000, () => UnitConversion.Find(from, to)!.TryConvert(7.4m, out _));
            var (prepare, preparing) = Time(20_000, () => UnitConversion.Of(fromUnit, toUnit));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{from,12} {to,14} {convert,9:F0} ns {find,13:F0} ns {allocated,8:F0} B {prepare,9:F0} ns {preparing,8:F0} B"));
        }
    }

    private static (double Nanoseconds, double Bytes) Time(int times, Action act)
    {
        var best = double.MaxValue;
        var bytes = 0.0;
        for (var round = 0; round < 9; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < times; i++)
                act();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / times);
            bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / times;
        }

        return (best, bytes);
    }
}
