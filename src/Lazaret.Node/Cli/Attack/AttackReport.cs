using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Node.Cli.Attack.Estimates;
using Spectre.Console;

namespace Lazaret.Node.Cli.Attack;

/// <summary>The results as a table for people, and as JSON.</summary>
internal sealed class AttackReport(IReadOnlyList<AttackResult> results, IReadOnlyDictionary<string, string> policy, int seeds, bool answersHonestQuestions)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Whether each attack can succeed, and none does against the policy.</summary>
    public bool IsSafe => results.All(result => result is { IsProven: true, IsStopped: true });

    public string ToJson() => new JsonObject
    {
        ["safe"] = IsSafe,
        ["seeds"] = seeds,
        ["answers_honest_questions"] = answersHonestQuestions,
        ["policy"] = new JsonObject(policy.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => KeyValuePair.Create(setting.Key, (JsonNode?)setting.Value))),
        ["attacks"] = new JsonArray([.. results.Select(Of)]),
    }.ToJsonString(Indented);

    public void Write()
    {
        var table = new Table().RoundedBorder().AddColumns("attack", "control", "measured", "every control off", "this policy", "limit", "with chance", "verdict");
        foreach (var result in results)
        {
            table.AddRow([.. ((string[])[
                result.Attack.Name,
                result.Attack.Control,
                result.Naive.Measure == result.Policy.Measure ? result.Naive.Measure : $"{result.Naive.Measure}; {result.Policy.Measure}",
                Text(result.Naive),
                result.Again is { } again ? $"{Text(result.Policy)}; again: {Text(again)}" : Text(result.Policy),
                Number(result.Policy.Limit),
                Number(result.Policy.Threshold)]).Select(cell => new Text(cell)),
                new Text(VerdictOf(result), result is { IsProven: true, IsStopped: true } ? Style.Plain : Color.Red)]);
        }

        AnsiConsole.Write(table);
        foreach (var line in Conclusions())
            Console.WriteLine(line);
    }

    private IEnumerable<string> Conclusions()
    {
        if (results.Where(result => !result.IsProven).Select(result => result.Attack.Name).ToList() is { Count: > 0 } unproven)
            yield return $"With every control off, {string.Join(", ", unproven)} failed too: of these the suite proves nothing.";
        var through = results.Count(result => !result.IsStopped);
        yield return through == 0 ? "No attack succeeded against this policy." : $"{through} of {results.Count} attacks succeeded against this policy.";
        yield return answersHonestQuestions
            ? "An honest question about other subjects was answered."
            : "An honest question about other subjects was not answered: where a policy answers nothing, it proves nothing that no attack succeeded.";
        yield return "The attacker has every scan and any amount of time: quotas and holds after blocked questions were off, and answers came at once except for the attack on their timing. docs/attacks.md says how each is measured.";
    }

    private static string VerdictOf(AttackResult result) => result switch
    {
        { IsStopped: false } => "SUCCEEDS",
        { IsProven: false } => "proves nothing",
        _ => "stopped",
    };

    private static JsonObject Of(AttackResult result)
    {
        var all = new JsonObject { ["attack"] = result.Attack.Name, ["control"] = result.Attack.Control, ["naive"] = Of(result.Naive), ["policy"] = Of(result.Policy) };
        if (result.Again is { } again)
            all["again"] = Of(again);
        all["verdict"] = VerdictOf(result);
        return all;
    }

    private static JsonObject Of(Recovered recovered) => new()
    {
        ["measure"] = recovered.Measure,
        ["recovered"] = recovered.Value is { } value ? Math.Round(value, 3) : null,
        ["limit"] = recovered.Limit,
        ["threshold"] = Math.Round(recovered.Threshold, 3),
        ["samples"] = recovered.Of,
        ["succeeds"] = recovered.Succeeds,
    };

    private static string Text(Recovered recovered) => recovered.Value is { } value ? $"{Number(value)} of {recovered.Of}" : "nothing";

    private static string Number(double value) => double.IsInteger(value) && value != 1 ? $"{value:0}" : value.ToString("0.000", CultureInfo.InvariantCulture);
}
