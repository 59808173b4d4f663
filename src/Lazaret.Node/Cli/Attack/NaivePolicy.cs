namespace Lazaret.Node.Cli.Attack;

/// <summary>Every control off. Each attack must succeed against this; otherwise its failure against another policy would prove nothing.</summary>
internal static class NaivePolicy
{
    /// <summary>Keys below the section <c>Lazaret</c>.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = SwitchOff(new()
    {
        ["Disclosure:Profile"] = "exact",
        ["Disclosure:MinimumCohort"] = "3",
        ["Disclosure:QueriesPerWeek"] = "0",
        ["Disclosure:Ledger"] = "site",
        ["Disclosure:WhenSpent"] = "refuse",
        ["Disclosure:TickMilliseconds"] = "0",
        ["Disclosure:Review:OutcomeMaps"] = "false",
    }, "C0", "C1", "C2", "C3", "C4", "C5", "C7", "C8", "C9", "Pairs", "Discrete", "Families", "People", "Tick");

    /// <summary>
    /// A policy as the suite tries it. Quotas and holds after blocked questions are off, since an attacker has time; R-maps wait for nobody, as if every steward approved; and answers come at once, except where the
    /// tick itself is tried.
    /// </summary>
    public static IReadOnlyDictionary<string, string> WithoutWaiting(IReadOnlyDictionary<string, string> policy, bool keepTick)
    {
        var impatient = new Dictionary<string, string>(policy, StringComparer.OrdinalIgnoreCase) { ["Disclosure:QueriesPerWeek"] = "0" };
        impatient["Disclosure:Review:OutcomeMaps"] = "false";
        if (!keepTick)
            impatient["Disclosure:TickMilliseconds"] = "0";
        var off = impatient.Where(setting => setting.Key.StartsWith("Disclosure:Off:", StringComparison.OrdinalIgnoreCase)).Select(setting => setting.Value).ToList();
        return SwitchOff(impatient, [.. off.Append("C9").Distinct(StringComparer.Ordinal)]);
    }

    private static Dictionary<string, string> SwitchOff(Dictionary<string, string> settings, params string[] controls)
    {
        foreach (var (index, control) in controls.Index())
            settings[$"Disclosure:Off:{index}"] = control;
        return settings;
    }
}
