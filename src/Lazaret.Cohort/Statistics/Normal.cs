namespace Lazaret.Cohort.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    /// <summary>P(|Z| ≥ z), exact in the far tail.</summary>
    public static double TwoSidedTail(double z)
    {
        z = Math.Abs(z);
        var density = 2 * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        return z < 2.5 ? 1 - density * Series(z) : density * Fraction(z);

        // Φ(z) − ½ = φ(z) Σ z²ᵏ⁺¹ / (1·3·5⋯(2k+1)), DLMF 7.6.2.
        static double Series(double z)
        {
            var (term, sum) = (z, z);
            for (var k = 3; term > sum * 1e-17; k += 2)
                sum += term *= z * z / k;
            return sum;
        }

        // Mills' ratio as 1/(z + 1/(z + 2/(z + 3/(z + …, DLMF 7.9.1; 200 terms reach full precision from z = 2.5 on.
        static double Fraction(double z)
        {
            var tail = z;
            for (var k = 200; k >= 1; k--)
                tail = z + k / tail;
            return 1 / tail;
        }
    }

    /// <summary>The z beyond which, on both sides, lies 1 − <paramref name="confidence"/>: 1.96 for 0.95.</summary>
    public static double TwoSidedQuantile(double confidence)
    {
        if (!(confidence > 0 && confidence < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies between 0 and 1.");
        var tail = 1 - confidence;
        var (low, high) = (0.0, 40.0);
        while (true)
        {
            var middle = (low + high) / 2;
            if (middle <= low || middle >= high)
                return middle;
            if (TwoSidedTail(middle) > tail)
                low = middle;
            else
                high = middle;
        }
    }
}
