namespace Lazaret.Disclosure.Noise;

/// <summary>Normal noise from a keyed stream, for the profile <c>guarded</c> and for discrete outcomes.</summary>
public static class GaussianNoise
{
    /// <summary>A standard normal number, of 106 bits, by Box and Muller.</summary>
    public static double Next(KeyedStream stream) => Of(stream.Bits(53), stream.Bits(53));

    /// <summary>The standard normal number that two uniform numbers of 53 bits give.</summary>
    internal static double Of(ulong first, ulong second)
    {
        const double Unit = 1.0 / (1L << 53);
        // The first number lies in (0, 1], where the logarithm exists, the second in [0, 1).
        var radius = Math.Sqrt(-2 * Math.Log((first + 1) * Unit));
        return radius * Math.Cos(2 * Math.PI * (second * Unit));
    }

    /// <summary>R with noise of standard deviation c/√(n − 1), not yet clamped or rounded; R itself for c = 0.</summary>
    public static double On(double r, int n, double c, KeyedStream stream) => c > 0 ? r + Sigma(n, c) * Next(stream) : r;

    /// <summary>c/√(n − 1): c times the standard error of a correlation of independent columns.</summary>
    public static double Sigma(int n, double c) => c / Math.Sqrt(n - 1);
}
