using Lazaret.Node.Configuration;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.Retention;

/// <summary>How long what belongs to a job is kept once the job is over. The job itself, and its audit, stay.</summary>
public sealed record RetentionOptions
{
    private const int Longest = 36_500;

    /// <summary>Days that maps and models' inputs are kept. 1; 0 to 36500.</summary>
    public int InputDays { get; init; } = 1;

    /// <summary>Days that results, and what diagnoses rest on, are kept. 30; 0 to 36500.</summary>
    public int ResultDays { get; init; } = 30;

    /// <summary>Days that what programs printed is kept. 7; 0 to 36500.</summary>
    public int LogDays { get; init; } = 7;

    /// <summary>Minutes between two looks at what has expired. 15; 1 to 1440.</summary>
    public int SweepMinutes { get; init; } = 15;

    internal int DaysOf(PayloadName name) => name switch
    {
        PayloadName.Input => InputDays,
        PayloadName.Result or PayloadName.Basis => ResultDays,
        PayloadName.Log => LogDays,
        _ => throw new InvalidOperationException($"nothing says how long {name} is kept"),
    };

    internal void Check(OptionFaults faults)
    {
        faults.Range("Retention:InputDays", InputDays, 0, Longest);
        faults.Range("Retention:ResultDays", ResultDays, 0, Longest);
        faults.Range("Retention:LogDays", LogDays, 0, Longest);
        faults.Range("Retention:SweepMinutes", SweepMinutes, 1, 1440);
    }
}
