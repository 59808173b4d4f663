using System.Collections;
using System.Numerics;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>
/// A set of subjects, each by the index that the site gave that subject once and for all (0, 1, …). It never changes. Its byte form, by
/// <see cref="SubjectSetBytes"/>, is canonical: equal sets have equal bytes.
/// </summary>
public sealed class SubjectSet : IEquatable<SubjectSet>, IReadOnlyCollection<int>
{
    /// <summary>Word w holds subjects 64w to 64w + 63; the last word is not 0.</summary>
    private readonly ulong[] _words;

    internal SubjectSet(ReadOnlySpan<ulong> words)
    {
        _words = words.TrimEnd(0UL).ToArray();
        foreach (var word in _words)
            Count += BitOperations.PopCount(word);
    }

    public static SubjectSet Empty { get; } = new([]);

    public int Count { get; }

    /// <summary>One more than the largest index; 0 when there is none.</summary>
    public int End => _words.Length == 0 ? 0 : _words.Length * 64 - BitOperations.LeadingZeroCount(_words[^1]);

    internal ReadOnlySpan<ulong> Words => _words;

    /// <summary>The set of these indices. An index that comes twice is in the set once.</summary>
    public static SubjectSet Of(params IReadOnlyCollection<int> subjects)
    {
        var words = new ulong[subjects.Count == 0 ? 0 : subjects.Max() / 64 + 1];
        foreach (var subject in subjects)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(subject, nameof(subjects));
            words[subject / 64] |= 1UL << (subject % 64);
        }

        return new SubjectSet(words);
    }

    /// <summary>The set of subjects 0 to <paramref name="count"/> − 1.</summary>
    public static SubjectSet First(int count) => Of(Enumerable.Range(0, count).ToArray());

    public bool Contains(int subject) => subject >= 0 && subject / 64 < _words.Length && (_words[subject / 64] >> (subject % 64) & 1) == 1;

    /// <summary>How many subjects are in both sets.</summary>
    public int CountIn(SubjectSet other)
    {
        var count = 0;
        for (var i = Math.Min(_words.Length, other._words.Length) - 1; i >= 0; i--)
            count += BitOperations.PopCount(_words[i] & other._words[i]);
        return count;
    }

    public SubjectSet Union(SubjectSet other)
    {
        var (longer, shorter) = _words.Length >= other._words.Length ? (_words, other._words) : (other._words, _words);
        var words = longer.ToArray();
        for (var i = 0; i < shorter.Length; i++)
            words[i] |= shorter[i];
        return new SubjectSet(words);
    }

    public SubjectSet Intersect(SubjectSet other)
    {
        var words = _words.AsSpan(0, Math.Min(_words.Length, other._words.Length)).ToArray();
        for (var i = 0; i < words.Length; i++)
            words[i] &= other._words[i];
        return new SubjectSet(words);
    }

    public SubjectSet Except(SubjectSet other)
    {
        var words = _words.ToArray();
        for (var i = Math.Min(words.Length, other._words.Length) - 1; i >= 0; i--)
            words[i] &= ~other._words[i];
        return new SubjectSet(words);
    }

    public bool Equals(SubjectSet? other) => other is not null && _words.AsSpan().SequenceEqual(other._words);

    public override bool Equals(object? obj) => Equals(obj as SubjectSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var word in _words)
            hash.Add(word);
        return hash.ToHashCode();
    }

    /// <summary>Enumerates the indices from the smallest to the largest.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        for (var i = 0; i < _words.Length; i++)
        {
            for (var left = _words[i]; left != 0; left &= left - 1)
                yield return i * 64 + BitOperations.TrailingZeroCount(left);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Says how many subjects, never which: it may be logged.</summary>
    public override string ToString() => $"{Count} subjects";
}
