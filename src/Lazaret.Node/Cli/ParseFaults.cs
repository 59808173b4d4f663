using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lazaret.Node.Cli;

/// <summary>What is wrong with a command line, in one line that lets the next try be right: what was not understood, and what there is in its place.</summary>
internal static class ParseFaults
{
    public static string Of(ParseResult parsed)
    {
        var result = parsed.CommandResult;
        // Behind a command that there is not, every word would be unknown.
        List<string> faults = [.. parsed.UnmatchedTokens.Take(result.Command.Subcommands.Count > 0 ? 1 : int.MaxValue).Select(word => Unknown(word, result.Command))];
        // A group of commands does nothing by itself; of what else is wrong then only a command could tell. With an argument of its own, it is a command, too.
        if (result.Command.Subcommands.Count == 0 || (faults.Count == 0 && result.Command.Arguments.Count > 0))
            faults.AddRange(parsed.Errors.Where(error => !IsOfUnknown(error, parsed)).Select(Words));
        else if (faults.Count == 0)
            faults.Add($"a command is missing: there are {List(result.Command.Subcommands)}");
        return $"{string.Join("; ", faults)} (see '{NameOf(result)} --help')";
    }

    /// <summary>Of an option that has <c>--help</c> in the place of its value: the library takes that for the value, and checks no value, for help was asked for. Null where there is none.</summary>
    public static string? OfHelp(ParseResult parsed) => parsed.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(given => given.Tokens.Any(token => token.Value == "--help")) is { Option: var option }
        ? $"{option.Name}: needs a value: {option.Description} (see '{NameOf(parsed.CommandResult)} --help')"
        : null;

    private static string Unknown(string word, Command command) => word.StartsWith('-')
        ? $"there is no option {word}{(command.Options.Any(option => !option.Hidden) ? $": there are {List(command.Options)}" : "")}"
        : command.Subcommands.Count > 0 ? $"there is no command '{word}': there are {List(command.Subcommands)}" : $"'{word}' is one argument too many";

    private static bool IsOfUnknown(ParseError error, ParseResult parsed) =>
        error.SymbolResult is CommandResult or null && parsed.UnmatchedTokens.Any(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal));

    private static string Words(ParseError error)
    {
        // The library breaks some of its messages into lines.
        var message = string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        var argument = (error.SymbolResult as ArgumentResult)?.Argument;
        var option = (error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult)?.Option;
        if ((option?.Name ?? argument?.Name) is not { } name)
            return message;
        if (error.SymbolResult!.Tokens.Count == 0)
            return option is null || error.SymbolResult is OptionResult { Implicit: true } ? $"{name} is missing: {option?.Description ?? argument!.Description}" : $"{name}: needs a value";
        var type = option?.ValueType ?? argument!.ValueType;
        if (type == typeof(Guid) || type == typeof(Guid?))
            return $"{name}: '{error.SymbolResult.Tokens[0].Value}' is no id like 0199c1a2-5b1e-7c3d-9f00-0123456789ab";
        return message.Contains(name, StringComparison.Ordinal) ? message : $"{name}: {message}";
    }

    private static string List(IEnumerable<Symbol> symbols) => string.Join(", ", symbols.Where(symbol => !symbol.Hidden).Select(symbol => symbol.Name));

    private static string NameOf(CommandResult result) => result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "lazaret";
}
