using Lazaret.Disclosure;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Tests.Releases;

public sealed class BlockRuleWordsTests
{
    [Fact]
    public void Every_control_has_words_of_its_own()
    {
        var words = Enum.GetValues<BlockRule>().Select(BlockRuleWords.Of).ToList();
        Assert.Distinct(words);
        Assert.All(words, said => Assert.True(char.IsLower(said[0]) && said[^1] != '.', said));
    }
}
