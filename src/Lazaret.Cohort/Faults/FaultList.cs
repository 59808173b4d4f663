using System.Collections;

namespace Lazaret.Cohort.Faults;

/// <summary>
/// What is wrong with something: the first faults are kept, the others only counted. Whoever sends it decides how many faults it has,
/// so neither the memory nor the answer that they take may grow with it.
/// </summary>
/// <param name="most">How many are kept: by default as many as a person reads before sending it again.</param>
public sealed class FaultList<T>(int most = 20) : IReadOnlyList<T>
{
    private readonly List<T> _kept = [];

    /// <summary>How many are kept: none only if there was none.</summary>
    public int Count => _kept.Count;

    /// <summary>How many were found beyond those.</summary>
    public int More { get; private set; }

    /// <summary>How many were found.</summary>
    public int Total => _kept.Count + More;

    public T this[int index] => _kept[index];

    public void Add(T fault)
    {
        if (_kept.Count < most)
            _kept.Add(fault);
        else
            More++;
    }

    /// <summary>Adds a fault that is put into words only if it is kept.</summary>
    public void Add<TAbout>(TAbout about, Func<TAbout, T> say)
        where TAbout : allows ref struct
    {
        if (_kept.Count < most)
            _kept.Add(say(about));
        else
            More++;
    }

    public void AddRange(IEnumerable<T> faults)
    {
        foreach (var fault in faults)
            Add(fault);
    }

    /// <summary>Adds the faults of another list, and counts those that it counts.</summary>
    /// <param name="isLeftOut">Which of those that it keeps are not added; null for none.</param>
    public void AddRange<TOther>(FaultList<TOther> others, Func<TOther, T> say, Predicate<TOther>? isLeftOut = null)
    {
        foreach (var other in others.Where(other => isLeftOut?.Invoke(other) != true))
            Add(other, say);
        More += others.More;
    }

    /// <summary>One line per fault, and one that says how many are not kept.</summary>
    public IEnumerable<string> Lines() => _kept.Select(fault => $"{fault}").Concat(More > 0 ? [$"and {More} more"] : []);

    public IEnumerator<T> GetEnumerator() => _kept.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
