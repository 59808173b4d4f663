using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>
/// Digests of the outcome that each subject of an answered cohort had: 32 bits of an HMAC of subject and value under a secret key, without the outcome's name. A later
/// decision compares them to find whose value was changed since, and which outcome has another name now. They tell no value and are sealed with the release.
/// </summary>
/// <param name="Tags">One digest per subject, in the order of the cohort's indices; none in releases of earlier versions of the node.</param>
public sealed record OutcomeValues(IReadOnlyList<uint> Tags)
{
    /// <summary>If at least this share of values are equal, two outcomes are one.</summary>
    private const double SameOutcome = 0.9;

    public static readonly OutcomeValues Unknown = new([]);

    /// <summary>Equal for equal values; so that answers about the same ones are compared once.</summary>
    public UInt128 Digest { get; } = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes<uint>(Tags.ToArray())));

    /// <param name="key">The node's key, which never changes.</param>
    public static uint Tag(byte[] key, string subject, double value)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"value\n{value:R}\n{subject}")), digest);
        return BitConverter.ToUInt32(digest);
    }

    /// <summary>How many subjects two cohorts have in common whose values are known in both, and how many of these have different values.</summary>
    public static (int Common, int Changed) Compare((SubjectSet Cohort, OutcomeValues Values) one, (SubjectSet Cohort, OutcomeValues Values) other)
    {
        if (one.Values.Tags.Count == 0 || other.Values.Tags.Count == 0)
            return (0, 0);
        var tags = other.Cohort.Zip(other.Values.Tags).ToDictionary();
        var (common, changed) = (0, 0);
        foreach (var (subject, tag) in one.Cohort.Zip(one.Values.Tags))
        {
            if (!tags.TryGetValue(subject, out var then))
                continue;
            common++;
            changed += tag == then ? 0 : 1;
        }

        return (common, changed);
    }

    /// <summary>Whether the subjects that two cohorts have in common show that their outcomes are one, under whatever names.</summary>
    /// <param name="fewest">At least so many subjects must be in both.</param>
    public static bool AreOne((int Common, int Changed) compared, int fewest) => compared.Common >= fewest && compared.Common - compared.Changed >= SameOutcome * compared.Common;
}
