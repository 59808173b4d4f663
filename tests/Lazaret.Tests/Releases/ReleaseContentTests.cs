using Lazaret.Disclosure.Ledgers;
using Lazaret.Node.Releases;

namespace Lazaret.Tests.Releases;

public sealed class ReleaseContentTests
{
    [Theory]
    [InlineData]
    [InlineData("responder", "größe\n\"")]
    public void What_is_written_is_read_again(params string[] told)
    {
        var charge = new LedgerCharge(SubjectSet.First(3), [LedgerRow.Of([1, -0.5, -0.5], 0.25)!], bits: 3.3);
        var read = ReleaseContent.Read(new ReleaseContent(charge, "{}"u8.ToArray(), 0.125m, told, new OutcomeValues([7, uint.MaxValue, 0])).Write());
        Assert.Equal((0.125m, 3.3), (read.Rho, read.Charge.Bits));
        Assert.Equal(charge.Rows[0].Weights, read.Charge.Rows[0].Weights);
        Assert.Equal("{}"u8.ToArray(), read.Answer);
        Assert.Equal(told, read.AlsoTold);
        Assert.Equal([7, uint.MaxValue, 0], read.Values.Tags);
        // As earlier versions wrote it.
        Assert.Empty(ReleaseContent.Read(new ReleaseContent(charge, [], 0, told, OutcomeValues.Unknown).Write()).Values.Tags);
    }
}
