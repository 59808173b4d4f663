using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Tests.Disclosure.Ledgers;

public sealed class OutcomeValuesTests
{
    private static readonly byte[] Key = [1, 2, 3];

    [Fact]
    public void Those_in_both_cohorts_are_compared_each_with_themselves()
    {
        var before = (SubjectSet.Of(0, 1, 2, 5), Of((0, 10), (1, 11), (2, 12), (5, 15)));
        Assert.Equal((3, 1), OutcomeValues.Compare(before, (SubjectSet.Of(1, 2, 3, 5), Of((1, 11), (2, 99), (3, 10), (5, 15)))));
        Assert.Equal((0, 0), OutcomeValues.Compare(before, (SubjectSet.First(4), OutcomeValues.Unknown)));
    }

    [Fact]
    public void A_digest_tells_neither_that_two_subjects_have_one_value_nor_one_under_another_key()
    {
        Assert.Equal(OutcomeValues.Tag(Key, "a", 0.1), OutcomeValues.Tag(Key, "a", 0.1));
        Assert.NotEqual(OutcomeValues.Tag(Key, "a", 0.1), OutcomeValues.Tag(Key, "b", 0.1));
        Assert.NotEqual(OutcomeValues.Tag(Key, "a", 0.1), OutcomeValues.Tag(Key, "a", Math.BitIncrement(0.1)));
        Assert.NotEqual(OutcomeValues.Tag(Key, "a", 0.1), OutcomeValues.Tag([4], "a", 0.1));
    }

    [Theory]
    [InlineData(40, 4, true)]
    [InlineData(40, 5, false)]
    [InlineData(19, 0, false)]
    public void Nine_of_ten_values_of_enough_people_are_one_outcome(int common, int changed, bool expected) =>
        Assert.Equal(expected, OutcomeValues.AreOne((common, changed), fewest: 20));

    private static OutcomeValues Of(params (int Subject, double Value)[] people) => new([.. people.Select(person => OutcomeValues.Tag(Key, $"{person.Subject}", person.Value))]);
}
