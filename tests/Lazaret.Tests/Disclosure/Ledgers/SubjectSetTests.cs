using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Tests.Disclosure.Ledgers;

public sealed class SubjectSetTests
{
    [Fact]
    public void It_counts_and_combines_like_a_hash_set()
    {
        var random = new Random(17);
        for (var round = 0; round < 200; round++)
        {
            var (a, b) = (RandomSubjects(random), RandomSubjects(random));
            var (one, other) = (SubjectSet.Of([.. a]), SubjectSet.Of([.. b]));
            Assert.Equal(a.Order(), one);
            Assert.Equal(a.Count, one.Count);
            Assert.Equal(a.Count == 0 ? 0 : a.Max() + 1, one.End);
            Assert.Equal(a.Intersect(b).Count(), one.CountIn(other));
            Assert.Equal(a.Union(b).Order(), one.Union(other));
            Assert.Equal(a.Intersect(b).Order(), one.Intersect(other));
            Assert.Equal(a.Except(b).Order(), one.Except(other));
            Assert.All(Enumerable.Range(-1, 300), subject => Assert.Equal(a.Contains(subject), one.Contains(subject)));
            Assert.Equal(one.Except(other).Union(one.Intersect(other)), one);
            Assert.Equal(one.Except(other).Union(one.Intersect(other)).GetHashCode(), one.GetHashCode());
        }
    }

    [Fact]
    public void Its_bytes_are_read_back_and_no_others_are()
    {
        var random = new Random(18);
        for (var round = 0; round < 500; round++)
        {
            var set = SubjectSet.Of([.. RandomSubjects(random)]);
            var bytes = SubjectSetBytes.Write(set);
            Assert.Equal(set, SubjectSetBytes.Read(bytes));

            // Whatever is read has these bytes and no others.
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.Equal(bytes, SubjectSetBytes.Write(SubjectSetBytes.Read(bytes)));
            }
            catch (FormatException)
            {
            }
        }
    }

    [Fact]
    public void Everybody_of_a_million_takes_five_bytes() => Assert.Equal(5, SubjectSetBytes.Write(SubjectSet.First(1_000_000)).Length);

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("010008")]
    [InlineData("000500")]
    [InlineData("0100")]
    [InlineData("01000500")]
    [InlineData("0105")]
    [InlineData("0180")]
    [InlineData("01008500")]
    [InlineData("0100FFFFFF7F")]
    [InlineData("01FFFFFFFFFF0F01")]
    public void Damaged_bytes_are_refused(string hex) => Assert.Throws<FormatException>(() => SubjectSetBytes.Read(Convert.FromHexString(hex)));

    [Fact]
    public void It_is_written_as_a_number_of_subjects_alone() => Assert.Equal("3 subjects", SubjectSet.Of(4, 7, 100).ToString());

    private static HashSet<int> RandomSubjects(Random random)
    {
        var share = random.NextDouble() * random.NextDouble();
        return [.. Enumerable.Range(0, random.Next(300)).Where(_ => random.NextDouble() < share)];
    }
}
