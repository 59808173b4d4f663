using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lazaret.Fhir;
using Lazaret.FhirBench;

// FhirBench [MB...]: the same bytes through a bare Utf8JsonReader and through the validator, in turns.
// FhirBench --write FILE MB: the bytes themselves. FhirBench --shapes MB: hostile shapes of that size, and of half of it.
// FhirBench --units: conversions by UCUM.
if (args is ["--units"])
{
    UnitConversions.Measure();
    return 0;
}

if (args is ["--write", var path, var size])
{
    File.WriteAllBytes(path, SyntheticBundle.Write(Megabytes(size), seed: 1));
    return 0;
}

if (args is ["--shapes", var most])
{
    ShapeTimes.Print(Megabytes(most));
    return 0;
}

// Until tiered compilation has settled.
var warm = SyntheticBundle.Write(1_000_000, seed: 2);
for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(3);)
    Seconds(() => FhirValidator.Validate(warm));

Console.WriteLine($"{"bundle",10} {"bare reader",14} {"validate",12} {"ratio",7} {"allocated",12}");
foreach (var megabytes in args.Length > 0 ? args : ["1", "8", "32"])
{
    var json = SyntheticBundle.Write(Megabytes(megabytes), seed: 1);
    if (!FhirValidator.Validate(json).IsValid)
    {
        Console.Error.WriteLine($"the synthetic bundle is not valid: {FhirValidator.Validate(json).Issues[0]}");
        return 1;
    }

    var (bare, full) = (double.MaxValue, double.MaxValue);
    for (var round = 0; round < 9; round++)
    {
        bare = Math.Min(bare, Seconds(() => Scan(json)));
        full = Math.Min(full, Seconds(() => FhirValidator.Validate(json)));
    }

    var before = GC.GetAllocatedBytesForCurrentThread();
    FhirValidator.Validate(json);
    var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{json.Length / 1e6,7:F1} MB {json.Length / bare / 1e6,9:F0} MB/s {json.Length / full / 1e6,7:F0} MB/s {full / bare,7:F2} {allocated / 1e6,9:F2} MB"));
}

return 0;

static int Megabytes(string text) => int.Parse(text, CultureInfo.InvariantCulture) * 1_000_000;

static double Seconds(Action action)
{
    var start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}

static void Scan(byte[] json)
{
    var reader = new Utf8JsonReader(json);
    while (reader.Read())
    {
    }
}
