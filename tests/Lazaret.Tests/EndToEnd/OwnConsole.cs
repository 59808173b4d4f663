using System.Text;
using Lazaret.Node.Cli.Printing;

namespace Lazaret.Tests.EndToEnd;

/// <summary>What a command writes to the console of the tests' process, apart from what others write there at the same time.</summary>
internal sealed class OwnConsole
{
    private static readonly AsyncLocal<OwnConsole?> Current = new();

    private readonly StringWriter _output = new(), _error = new();

    static OwnConsole()
    {
        Console.SetOut(new Writer(Console.Out, console => console._output));
        Console.SetError(new Writer(Console.Error, console => console._error));
        // As the program does when it starts.
        Terminal.Fit();
    }

    private OwnConsole()
    {
    }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    /// <summary>From here on, until the caller's method returns.</summary>
    public static OwnConsole Begin() => Current.Value = new OwnConsole();

    /// <summary>Writes where the flow that calls it wants it. The console calls it by one thread at a time.</summary>
    private sealed class Writer(TextWriter others, Func<OwnConsole, TextWriter> own) : TextWriter
    {
        private TextWriter Target => Current.Value is { } console ? own(console) : others;

        public override Encoding Encoding => others.Encoding;

        public override void Write(char value) => Target.Write(value);

        public override void Write(char[] buffer, int index, int count) => Target.Write(buffer, index, count);

        public override void Write(string? value) => Target.Write(value);

        public override void Flush() => Target.Flush();
    }
}
