namespace Lazaret.Node;

/// <summary>The arguments, the configuration, a form or a file that was named are wrong: for a command exit code 2, and the message on stderr.</summary>
internal sealed class InputException(IReadOnlyList<InputFault> faults) : Exception(string.Join('\n', faults))
{
    public InputException(string message)
        : this([new InputFault("", message)])
    {
    }

    /// <summary>What is wrong, each by itself.</summary>
    public IReadOnlyList<InputFault> Faults => faults;
}

/// <summary>Something that is wrong with what somebody gave.</summary>
/// <param name="Option">The command's option, and the form's field, that holds it; empty for the argument, and the form's first field.</param>
/// <param name="Words">What is wrong.</param>
public sealed record InputFault(string Option, string Words)
{
    /// <summary>As a command says it.</summary>
    public override string ToString() => Option.Length == 0 ? Words : $"--{Option}: {Words}";
}
