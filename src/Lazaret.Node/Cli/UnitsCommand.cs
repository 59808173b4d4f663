using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lazaret.Fhir.Units;

namespace Lazaret.Node.Cli;

/// <summary>Lines of FROM, TO, VALUE and MOLAR_MASS in, a line of JSON each out. Nothing is trimmed.</summary>
internal static class UnitsCommand
{
    private const int Columns = 4;

    /// <summary>More of a cell is not kept: no unit and no number is so long.</summary>
    private const int MaxCell = 4096;

    public static Command Create()
    {
        var command = new Command("units", "Check units with UCUM 2.2 (its licence: see NOTICE): lines FROM⇥TO⇥VALUE⇥MOLAR_MASS on stdin, the last three may be empty.");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            await AnswerAsync(input, output, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>One answer per line, in as much memory as four cells take.</summary>
    public static async Task AnswerAsync(TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        var cells = Enumerable.Range(0, Columns).Select(_ => new StringBuilder()).ToArray();
        var column = 0;
        var isEmpty = true;
        var buffer = new char[8192];
        int count;
        while ((count = await input.ReadAsync(buffer, cancellationToken)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                var character = buffer[i];
                if (character == '\n')
                {
                    await output.WriteLineAsync(Answer(cells).AsMemory(), cancellationToken);
                    Array.ForEach(cells, cell => cell.Clear());
                    (column, isEmpty) = (0, true);
                    continue;
                }

                isEmpty = false;
                if (character == '\t')
                    column++;
                else if (column < Columns && cells[column].Length <= MaxCell)
                    cells[column].Append(character);
            }
        }

        if (!isEmpty)
            await output.WriteLineAsync(Answer(cells).AsMemory(), cancellationToken);
    }

    private static string Answer(StringBuilder[] cells)
    {
        // Windows ends a line by CR LF.
        var last = Array.FindLast(cells, cell => cell.Length > 0);
        if (last is [.., '\r'])
            last.Length--;
        return Answer(cells[0].ToString(), cells[1].ToString(), cells[2].ToString(), cells[3].ToString());
    }

    private static string Answer(string from, string to, string value, string molarMass)
    {
        var (fromUnit, toUnit) = (UcumUnit.Parse(from), UcumUnit.Parse(to));
        var mass = ParseMass(molarMass);
        var conversion = fromUnit is not null && toUnit is not null ? UnitConversion.Find(from, to, mass) : null;
        var isSound = molarMass.Length == 0 || mass > 0;
        var converted = isSound && value.Length > 0 ? conversion?.Convert(value) : null;
        var verdict = conversion is null || !isSound || (value.Length > 0 && converted is null) ? UnitVerdict.Refuse : conversion.Verdict;

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("from_valid", fromUnit is not null);
            json.WriteBoolean("to_valid", toUnit is not null);
            json.WriteBoolean("commensurable", conversion is { IsCommensurable: true });
            json.WriteBoolean("equal", conversion is { AreEqual: true });
            json.WriteString("value", converted);
            json.WriteString("verdict", verdict switch { UnitVerdict.Go => "go", UnitVerdict.Ask => "ask", _ => "refuse" });
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static decimal? ParseMass(string text) =>
        decimal.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out var mass) ? mass : null;
}
