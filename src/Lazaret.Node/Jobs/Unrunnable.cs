using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Node.Jobs;

/// <summary>The jobs that a worker leaves to others, since its machine lacks what they need.</summary>
/// <param name="Kinds">All jobs of these kinds.</param>
/// <param name="Programs">The jobs of these programs, named as in <see cref="Job.Program"/>.</param>
public sealed record Unrunnable(IReadOnlyList<JobKind> Kinds, IReadOnlyList<string> Programs)
{
    public static readonly Unrunnable None = new([], []);

    /// <summary>A short name for this set: the same for workers that lack the same things, and empty for those that lack nothing.</summary>
    public string Name { get; } = Kinds.Count + Programs.Count == 0
        ? ""
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Kinds.Select(kind => $"{kind}").Concat(Programs).Order(StringComparer.Ordinal)))).AsSpan(0, 8));

    /// <summary>Takes these jobs out of a query. With nothing to take out, the query stays as it is.</summary>
    internal IQueryable<Job> Leave(IQueryable<Job> jobs)
    {
        if (Kinds.Count > 0)
            jobs = jobs.Where(job => !Kinds.Contains(job.Kind));
        return Programs.Count > 0 ? jobs.Where(job => job.Program == null || !Programs.Contains(job.Program)) : jobs;
    }
}
