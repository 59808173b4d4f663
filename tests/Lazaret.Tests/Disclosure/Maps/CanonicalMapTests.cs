using Lazaret.Disclosure.Maps;

namespace Lazaret.Tests.Disclosure.Maps;

public sealed class CanonicalMapTests
{
    [Theory]
    [InlineData(1e-30f)]
    [InlineData(3)]
    [InlineData(1e20f)]
    public void A_rescaled_or_jittered_map_is_the_same(float factor)
    {
        var random = new Random(1);
        float[] voxels = [.. Enumerable.Range(0, 3000).Select(i => i == 5 ? float.NaN : i == 6 ? 511 : random.Next(-510, 511))];
        float[] other = [.. voxels.Select((voxel, i) => i == 6 ? factor * voxel : factor * (voxel + 0.8f * (random.NextSingle() - 0.5f)))];
        var (one, same) = (CanonicalMap.Of(voxels), CanonicalMap.Of(other));
        Assert.Equal(one.Digest(), same.Digest());
        Assert.Equal(0, one.EnergyLost, 1e-12);
        voxels[9] += voxels[9] > 0 ? -1 : 1;
        Assert.NotEqual(one.Digest(), CanonicalMap.Of(voxels).Digest());
    }

    [Fact]
    public void A_missing_voxel_is_not_a_zero()
    {
        Assert.NotEqual(CanonicalMap.Of([1, 0]).Digest(), CanonicalMap.Of([1, float.NaN]).Digest());
        Assert.Equal(CanonicalMap.Of([1, float.NegativeInfinity]).Digest(), CanonicalMap.Of([1, float.NaN]).Digest());
        Assert.NotEqual(CanonicalMap.Of([1, 0]).Digest(), CanonicalMap.Of([1, 0, 0]).Digest());
    }

    [Fact]
    public void A_map_of_one_giant_voxel_loses_all_others()
    {
        float[] voxels = [.. Enumerable.Repeat(1f, 999), 10_000];
        Assert.InRange(CanonicalMap.Of(voxels).EnergyLost, 0, 1e-4);
        float[] hidden = [.. Enumerable.Repeat(1f, 1_000_000), 1023];
        Assert.InRange(CanonicalMap.Of(hidden).EnergyLost, 0.48, 0.52);
        Assert.Equal(0, CanonicalMap.Of([0, 0, float.NaN]).EnergyLost);
    }

    [Fact]
    public void Its_digest_is_that_of_its_codes() =>
        Assert.Equal(System.Security.Cryptography.SHA256.HashData([0xFF, 0x01, 0x01, 0xFE, 0x00, 0x00, 0x00, 0xFE]), CanonicalMap.Of([2, -2, 0, float.NaN]).Digest());
}
