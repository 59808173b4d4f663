using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

public sealed class Crc32Tests
{
    [Fact]
    public void The_check_value_of_the_polynomial_holds() => Assert.Equal(0xCBF43926, Crc32.Of("123456789"u8));

    [Fact]
    public void Folding_equals_going_byte_by_byte_at_every_length_and_start()
    {
        var bytes = new byte[300];
        new Random(1).NextBytes(bytes);
        for (var length = 0; length < bytes.Length; length++)
        {
            var slow = new Crc32();
            foreach (var b in bytes.AsSpan(0, length))
                slow.Append([b]);
            var split = new Crc32();
            split.Append(bytes.AsSpan(0, length / 3));
            split.Append(bytes.AsSpan(length / 3, length - length / 3));
            Assert.Equal(slow.Value, Crc32.Of(bytes.AsSpan(0, length)));
            Assert.Equal(slow.Value, split.Value);
        }
    }
}
