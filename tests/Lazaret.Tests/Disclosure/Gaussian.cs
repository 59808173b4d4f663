namespace Lazaret.Tests.Disclosure;

/// <summary>Seeded normal numbers.</summary>
internal static class Gaussian
{
    public static double Next(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static double[] Column(Random random, int n) => [.. Enumerable.Range(0, n).Select(_ => Next(random))];
}
