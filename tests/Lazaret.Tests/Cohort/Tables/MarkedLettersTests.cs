using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>The table of letters with marks, against Unicode's own as Python has it.</summary>
public sealed class MarkedLettersTests
{
    private const string Script = """
        import unicodedata
        for code in range(0x80, 0x3100):
            letter = chr(code)
            first, *marks = unicodedata.normalize("NFD", letter)
            if marks and all(unicodedata.category(mark) == "Mn" for mark in marks) and unicodedata.category(letter)[0] == "L":
                print(ord(letter), ord(first))
        """;

    [Fact]
    public async Task It_holds_every_letter_that_comes_apart_into_one_and_its_marks()
    {
        var lines = await Tool.RunAsync("/usr/bin/python3", "-c", Script);
        Assert.Equal(lines.Trim().Split('\n'), MarkedLetters.Marked.Zip(MarkedLetters.Plain, (marked, plain) => $"{(int)marked} {(int)plain}"));
        Assert.Equal(MarkedLetters.Marked.Length, MarkedLetters.Plain.Length);
    }
}
