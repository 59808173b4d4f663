using System.Globalization;
using System.Text.Json;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.WebConsole.Parts;

/// <summary>How the console writes numbers, times and names.</summary>
internal static class Words
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    // If the words begin with one of these, they make a sentence with the name in front.
    private static readonly string[] Verbs = ["is ", "are ", "was ", "has ", "holds ", "must ", "may ", "takes ", "goes ", "needs "];

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("d MMMM yyyy, HH:mm:ss", Plain);

    /// <summary>The time only if it was today, otherwise the day and the time.</summary>
    public static string When(DateTimeOffset at, DateTimeOffset now) => at.UtcDateTime.Date == now.UtcDateTime.Date ? at.UtcDateTime.ToString("HH:mm:ss", Plain) : Time(at);

    public static string Number(double number, string format = "0.###") => number.ToString(format, Plain).Replace('-', '−');

    public static string Number(decimal number) => number.ToString("0.000", Plain).Replace('-', '−');

    /// <param name="below">The bound that p is below, when it would be shown as zero.</param>
    public static string P(decimal? p, decimal? below) => below is { } bound ? $"< {Number(bound)}" : p is { } exact ? Number(exact) : "–";

    /// <summary>How much of what may be spent.</summary>
    public static string OfLimit(double spent, double? limit) => limit is { } most ? $"{Number(spent)} of {Number(most)}" : $"{Number(spent)}, no limit";

    public static string Count(long count) => count.ToString("#,0", Plain);

    /// <summary>A number of things, with the word in the singular or the plural.</summary>
    public static string Of(long count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    public static string Percent(double part, double whole) => whole > 0 ? $"{Math.Round(100 * part / whole).ToString(Plain)} %" : "–";

    /// <summary>The end of a job's id, by which lists name it: the beginning would be the same for all jobs of a minute.</summary>
    public static string Short(Guid id) => $"{id:N}"[^8..];

    public static string Waited(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } => $"{(int)time.TotalDays} days",
        { TotalHours: >= 1 } => $"{(int)time.TotalHours} h {time.Minutes} min",
        { TotalMinutes: >= 1 } => $"{(int)time.TotalMinutes} min",
        { TotalSeconds: >= 1 } => $"{(int)time.TotalSeconds} s",
        _ => "under 1 s",
    };

    /// <summary>What is wrong with something that has a name, as a sentence if possible.</summary>
    public static string Fault(string name, string words) => Array.Exists(Verbs, verb => words.StartsWith(verb, StringComparison.Ordinal)) ? $"{name} {words}" : $"{name}: {words}";

    /// <summary>The words with a capital letter at the beginning.</summary>
    public static string Sentence(string words) => words.Length == 0 ? "" : char.ToUpperInvariant(words[0]) + words[1..];

    /// <summary>What may begin with a small letter and end without a stop, as a whole sentence; empty for nothing.</summary>
    public static string Whole(string? words) => string.IsNullOrEmpty(words) ? "" : Sentence(words) + (words[^1] is '.' or '!' or '?' ? "" : ".");

    /// <summary>A unit of UCUM as people write it. Only pages do: what programs read has the code.</summary>
    public static string Unit(string? unit) => unit switch { "Cel" => "°C", "[degF]" => "°F", _ => unit ?? "" };

    public static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()).Replace('_', ' ');

    /// <summary>The class and the word of a state's badge.</summary>
    public static (string Class, string Word) Of(JobState state) => state switch
    {
        JobState.Queued => ("wait", "Queued"),
        JobState.Running => ("run", "Running"),
        JobState.Held => ("hold", "Held"),
        JobState.Done => ("ok", "Done"),
        JobState.Blocked => ("stop", "Blocked"),
        JobState.Failed => ("bad", "Failed"),
        _ => ("wait", "Cancelled"),
    };
}
