using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Cohorts.Budgets;

/// <summary>What may still be asked of the cohort: a requester's part, and a steward's.</summary>
internal sealed record BudgetAnswer
{
    [JsonPropertyName("project"), Description("the requester's project; left out outside any"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    /// <summary>The requester's different questions of the last seven days; left out where there is no limit to them.</summary>
    [JsonPropertyName("questions"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QuotaLeft? Questions { get; init; }

    /// <summary>The project's jobs of the last seven days; left out where it has no quota.</summary>
    [JsonPropertyName("project_jobs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QuotaLeft? ProjectJobs { get; init; }

    /// <summary>How many more questions like the requester's last answered one could be answered. Left out before the first answer and when no ledger limits them.</summary>
    [JsonPropertyName("remaining"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QueriesLeft? Remaining { get; init; }

    /// <summary>For stewards: each ledger.</summary>
    [JsonPropertyName("ledgers"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LedgerStand>? Ledgers { get; init; }
}

/// <summary>A quota over seven days: of questions or of jobs.</summary>
/// <param name="Limit">How many there may be.</param>
/// <param name="Asked">How many there were.</param>
/// <param name="Left">How many more there may be now.</param>
internal sealed record QuotaLeft(
    [property: JsonPropertyName("limit")] int Limit,
    [property: JsonPropertyName("asked")] int Asked,
    [property: JsonPropertyName("left")] int Left)
{
    /// <summary>When there is room for one more than now; left out where none was asked.</summary>
    [JsonPropertyName("room_at"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RoomAt { get; init; }
}

/// <summary>An estimate: how many further maps that are unlike each other would be answered about the same outcome and cohort.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="AtLeast">Rounded down to 0, 1, 2, 5, 10, 20 or 50, except under differential privacy. Maps that are alike cost less than the estimate assumes, unusual ones more.</param>
internal sealed record QueriesLeft([property: JsonPropertyName("outcome")] string Outcome, [property: JsonPropertyName("at_least")] int AtLeast)
{
    [JsonPropertyName("is_estimate")]
    public bool IsEstimate => true;
}

/// <summary>What the answers about the outcomes of one family tell together.</summary>
internal sealed record LedgerStand
{
    [JsonPropertyName("outcomes")]
    public required IReadOnlyList<string> Outcomes { get; init; }

    /// <summary>Whose ledger; left out for the site's.</summary>
    [JsonPropertyName("project"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    /// <summary>The largest leverage of any subject.</summary>
    [JsonPropertyName("leverage")]
    public required double Leverage { get; init; }

    /// <summary>Left out where the control is off, or the site has no data now.</summary>
    [JsonPropertyName("leverage_limit"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LeverageLimit { get; init; }

    /// <summary>Bits told of the outcomes.</summary>
    [JsonPropertyName("bits")]
    public required double Bits { get; init; }

    /// <inheritdoc cref="LeverageLimit"/>
    [JsonPropertyName("bits_limit"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BitsLimit { get; init; }

    /// <summary>People whom any answer was about; left out below the minimum cohort.</summary>
    [JsonPropertyName("people"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? People { get; init; }

    /// <summary>What each project's answers cost at the time they were given; what several projects were given, they share. Left out where the ledger is one project's.</summary>
    [JsonPropertyName("by_project"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LedgerShare>? ByProject { get; init; }

    /// <summary>What one more map would cost that is unlike those before, about the cohort of the last answer; left out where none was charged.</summary>
    [JsonPropertyName("one_more"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LedgerCost? OneMore { get; init; }

    /// <summary>Answers that left.</summary>
    [JsonPropertyName("releases")]
    public required int Releases { get; init; }

    /// <summary>Answers that wait for a steward.</summary>
    [JsonPropertyName("held")]
    public required int Held { get; init; }
}

/// <summary>A project's part of a ledger.</summary>
/// <param name="Project">Its key; empty for what was asked outside any.</param>
internal sealed record LedgerShare(
    [property: JsonPropertyName("project")] string Project,
    [property: JsonPropertyName("leverage")] double Leverage,
    [property: JsonPropertyName("bits")] double Bits,
    [property: JsonPropertyName("releases")] int Releases);

/// <summary>What an answer would add to a ledger.</summary>
/// <param name="Fits">Whether it would stay within every limit.</param>
internal sealed record LedgerCost(
    [property: JsonPropertyName("leverage")] double Leverage,
    [property: JsonPropertyName("bits")] double Bits,
    [property: JsonPropertyName("fits")] bool Fits);

/// <summary>What the answers of one job added to the ledger of their outcomes.</summary>
/// <param name="LeverageLimit">Null where nothing limits it; likewise of the bits.</param>
internal sealed record JobCost(IReadOnlyList<string> Outcomes, double Leverage, double? LeverageLimit, double Bits, double? BitsLimit);
