using System.Text;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Cli.Printing;

/// <summary>Writes text lines so that they show as what they are: <see cref="PlainText"/> says how.</summary>
internal sealed class PlainWriter(TextWriter output) : TextWriter(output.FormatProvider)
{
    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer) => PlainText.Write(buffer, output, lines: true);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value)
    {
        // In one piece where it can be: lines of other processes on the same terminal do not come between.
        if (value is not null && PlainText.FindUnplain(value, "\n\t") is null)
        {
            output.WriteLine(value);
            return;
        }

        Write(value);
        output.WriteLine();
    }

    public override void Flush() => output.Flush();
}
