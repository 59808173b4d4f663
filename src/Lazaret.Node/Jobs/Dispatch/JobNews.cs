namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>What the parts of a node tell one another about jobs. The set is closed.</summary>
public abstract record JobNews
{
    private const int IdLength = 32;

    /// <summary>A job waits to be claimed. Which one does not matter: a worker takes the next.</summary>
    public sealed record Claimable : JobNews;

    /// <summary>A job is cancelled: whoever runs it stops at once.</summary>
    public sealed record Cancelled(Guid Job) : JobNews;

    /// <summary>A job is over: whoever waits for its result finds it now.</summary>
    public sealed record Over(Guid Job) : JobNews;

    /// <summary>As it travels between processes: a letter, and the job's id.</summary>
    internal string Write() => this switch
    {
        Claimable => "+",
        Cancelled(var job) => $"x{job:N}",
        Over(var job) => $"o{job:N}",
        _ => throw new InvalidOperationException($"unknown news {GetType().Name}"),
    };

    /// <summary>Null for what is none: another version's, or a stranger's.</summary>
    internal static JobNews? Read(string text)
    {
        if (text == "+")
            return new Claimable();
        if (text.Length != 1 + IdLength || !Guid.TryParseExact(text.AsSpan(1), "N", out var job))
            return null;
        return text[0] switch
        {
            'x' => new Cancelled(job),
            'o' => new Over(job),
            _ => null,
        };
    }
}
