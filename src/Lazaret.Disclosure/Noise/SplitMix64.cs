namespace Lazaret.Disclosure.Noise;

/// <summary>A fast seeded generator for simulations, which nothing secret depends on (Steele, Lea and Flood 2014).</summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    /// <summary>A number from 0 to below − 1. The bias, below/2⁶⁴, does not matter to a simulation.</summary>
    public int Below(int below) => (int)Math.BigMul(Next(), (ulong)below, out _);

    public double Gaussian() => GaussianNoise.Of(Next() >> 11, Next() >> 11);
}
