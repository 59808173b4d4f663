using System.Text.Json.Nodes;
using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Ranges of age that grow by one bin, within one sex: each holds enough, and the differences of their n are the numbers in single cells.</summary>
internal sealed class OverlappingBins : IAttack
{
    public string Name => "overlapping-bins";

    public string Control => "C2";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) =>
        [.. scale.Numbers.Take(2).Select(number => new SeededCohort(Name, number, scale.LargeSize))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var edges = round.Catalog["variables"]!.AsArray().FirstOrDefault(variable => (string?)variable!["name"] == "age")?["bins"]?.AsArray().Select(edge => (double)edge!).ToArray() ?? [];
        var (answered, small) = (0, 0);
        foreach (var cohort in round.Cohorts)
        {
            var map = cohort.DrawMap();
            int? before = null;
            foreach (var edge in edges.Skip(1))
            {
                var question = new Question(cohort.Outcome, map).Where("sex", "F").Where("age", new JsonObject { ["min"] = edges[0], ["max"] = edge });
                var answer = await round.Attacker.AskAsync(question, cancellationToken);
                if (!answer.IsReleased)
                    continue;
                answered++;
                var n = answer.Results[0].N;
                if (before is { } smaller && n - smaller > 0 && n - smaller < round.Scale.Minimum)
                    small++;
                before = n;
            }
        }

        return Recovered.Count(SmallCell.Measure, answered == 0 ? null : small, 0, answered);
    }
}
