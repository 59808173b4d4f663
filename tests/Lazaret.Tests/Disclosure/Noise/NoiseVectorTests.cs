using System.Numerics;
using System.Text;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Privacy;

namespace Lazaret.Tests.Disclosure.Noise;

public sealed class NoiseVectorTests
{
    [Fact]
    public void Integer_noise_is_the_vectors_bit_for_bit()
    {
        var vectors = VectorFile.Read("noise_vectors.json");
        var key = Convert.FromHexString(vectors.GetProperty("key_hex").GetString()!);
        foreach (var vector in vectors.GetProperty("cases").EnumerateArray())
        {
            var stream = new KeyedStream(key, Encoding.UTF8.GetBytes(vector.GetProperty("ctx").GetString()!));
            var gaussian = vector.GetProperty("kind").GetString() == "dgauss";
            var parameter = Parse(vector.GetProperty(gaussian ? "sigma2" : "scale").GetString()!);
            var sensitivity = RankProducts.SpearmanSensitivity(vector.GetProperty("n").GetInt32());
            Assert.Equal(vector.GetProperty("delta_M").GetInt64(), sensitivity);
            Assert.Equal(parameter, gaussian
                ? IntegerNoise.GaussianVariance(sensitivity, Parse(vector.GetProperty("rho").GetString()!))
                : IntegerNoise.LaplaceScale(sensitivity, Parse(vector.GetProperty("epsilon").GetString()!)));
            foreach (var expected in vector.GetProperty("first5").EnumerateArray())
                Assert.Equal(expected.GetInt64(), (long)(gaussian ? IntegerNoise.Gaussian(stream, parameter) : IntegerNoise.Laplace(stream, parameter)));
            Assert.Equal(vector.GetProperty("bits_used").GetInt64(), stream.BitsUsed);
        }
    }

    private static Rational Parse(string text)
    {
        var parts = text.Split('/');
        return new Rational(BigInteger.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts.Length == 1 ? 1 : BigInteger.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
