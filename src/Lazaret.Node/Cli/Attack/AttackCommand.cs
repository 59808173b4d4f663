using System.CommandLine;
using Lazaret.Node.Cli.Attack.Attacks;

namespace Lazaret.Node.Cli.Attack;

internal static class AttackCommand
{
    private const int DefaultSeeds = 4;
    private const int FewestSeeds = 2;
    private const int MostSeeds = 50;

    public static Command Create(Settings settings)
    {
        var json = new Option<bool>("--json") { Description = "the results as JSON" };
        var policy = new Option<string?>("--policy") { Description = "keys Disclosure:* to try, as JSON or as lines KEY=VALUE; without it those that are configured", HelpName = "FILE" };
        var seeds = new Option<int>("--seeds") { Description = "on how many seeded sites each attack is tried", DefaultValueFactory = _ => DefaultSeeds, HelpName = "N" };
        var only = new Option<string?>("--only") { Description = "these attacks", HelpName = "NAME,NAME" };
        var command = new Command("attack", "Attack throw-away nodes with synthetic sites over HTTP: first with every control off, then with the disclosure policy.") { json, policy, seeds, only };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var tried = parsed.GetValue(policy) is { } file ? PolicyFile.Read(file) : PolicyFile.Of(settings.Configuration);
            var suite = new AttackSuite(Choose(parsed.GetValue(only)), Scale(parsed.GetValue(seeds), tried), line => Console.Error.WriteLine($"lazaret: {line}"));
            var (results, answersHonestQuestions) = await suite.RunAsync(tried, cancellationToken);
            var report = new AttackReport(results, tried, parsed.GetValue(seeds), answersHonestQuestions);
            if (parsed.GetValue(json))
                Console.WriteLine(report.ToJson());
            else
                report.Write();
            return report.IsSafe ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }

    private static IReadOnlyList<IAttack> Choose(string? names)
    {
        if (names is null)
            return AttackSuite.All;
        var wanted = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var known = AttackSuite.All.ToDictionary(attack => attack.Name, StringComparer.Ordinal);
        if (wanted.Where(name => !known.ContainsKey(name)).ToList() is { Count: > 0 } unknown || wanted.Length == 0)
            throw new InputException($"--only: there are {string.Join(", ", known.Keys)}");
        return [.. AttackSuite.All.Where(attack => wanted.Contains(attack.Name))];
    }

    private static AttackScale Scale(int seeds, IReadOnlyDictionary<string, string> policy)
    {
        if (seeds is < FewestSeeds or > MostSeeds)
            throw new InputException($"--seeds: {FewestSeeds} to {MostSeeds}");
        var minimum = policy.FirstOrDefault(setting => setting.Key.Equals("Disclosure:MinimumCohort", StringComparison.OrdinalIgnoreCase)).Value is { } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : new NodeOptions().Disclosure.MinimumCohort;
        return minimum <= AttackScale.LargestMinimum
            ? new AttackScale(seeds, minimum)
            : throw new InputException($"Lazaret:Disclosure:MinimumCohort: the synthetic sites are made for {AttackScale.LargestMinimum} at most");
    }
}
