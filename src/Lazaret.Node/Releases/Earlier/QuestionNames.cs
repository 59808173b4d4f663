using System.Security.Cryptography;
using System.Text;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>Names questions by what they ask: <see cref="Release.Query"/>.</summary>
internal sealed class QuestionNames(ReleaseBook book)
{
    public static string Of(string what) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)));

    /// <summary>
    /// Two maps that round to one code are one question, unless their scores differ: where one voxel is so large that the others count for nothing beside it, they may be
    /// anything. Then the later one gets a name of its own: it is charged, and is not given the other's answer. The caller has the book's turn.
    /// </summary>
    public IReadOnlyList<Question> TellApart(ValueTags tags, IReadOnlyList<Question> questions, Dictionary<string, int> indices)
    {
        var named = new List<Question>();
        foreach (var question in questions)
        {
            var name = question.Query;
            for (var number = 1; question.HasRow && FindCharge(name) is { } charge && ChargeOf(question)?.IsLike(charge) != true; number++)
                name = Of($"{question.Query}\n{number}");
            named.Add(question with { Query = name });
        }

        return [.. named];

        LedgerCharge? FindCharge(string name) => book.Find(name)?.Charge ?? (named.Find(earlier => earlier.Query == name) is { } earlier ? ChargeOf(earlier) : null);

        LedgerCharge? ChargeOf(Question question)
        {
            BlockRule? unfit = null;
            return AskedCharge.Of(tags, question, indices, ref unfit)?.Charge;
        }
    }
}
