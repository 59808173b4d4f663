using Lazaret.Node.Models;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Registry;

/// <summary>What a member of a model's answer may be, in a few words.</summary>
internal static class FieldWords
{
    public static string Of(OutputField field) => field switch
    {
        OutputField.Enumeration { Values: var values } => $"one of {string.Join(", ", values)}",
        OutputField.Number { Whole: var whole, Min: var least, Max: var most } => $"{(whole ? "a whole number" : "a number")} from {Words.Number(least)} to {Words.Number(most)}",
        OutputField.Truth => "true or false",
        OutputField.Text { MaxLength: var length } => $"a text of {length} characters at most",
        _ => throw new InvalidOperationException($"unknown field {field.GetType().Name}"),
    };
}
