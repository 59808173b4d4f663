using System.Text;
using System.Text.Json;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Audit.Chain.Archives;

/// <summary>Verifies the parts of an archive without a database: each link follows the one before, also from part to part, and each part ends with a signature over all of it.</summary>
internal sealed class ArchiveVerification
{
    private const string Zero = "0000000000000000000000000000000000000000000000000000000000000000";

    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);
    private string? _hash;
    private long _last;

    /// <summary>The names of the keys that sign: compare them with what 'lazaret doctor' prints.</summary>
    public IReadOnlyCollection<string> Keys => _keys;

    public long Links { get; private set; }

    public long Last => _last;

    public string Hash => _hash ?? Zero;

    /// <returns>The first fault, or null.</returns>
    /// <exception cref="InputException">There is no part, or one cannot be read.</exception>
    public ChainFault? Run(string folder)
    {
        if (!Directory.Exists(folder) || ArchivePart.In(folder) is not [_, ..] parts)
            throw new InputException($"{folder}: holds no audit-….ndjson of an archive");
        foreach (var (path, first, last) in parts)
        {
            if (_hash is not null && first != _last + 1)
                return new ChainFault(ChainFault.Deleted, $"links {_last + 1} to {first - 1} are in no part") { Link = _last + 1 };
            try
            {
                using var file = RegularFile.Open(path);
                using var reader = new StreamReader(file, Encoding.UTF8);
                if (Verify(path, reader) is { } fault)
                    return fault;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"{path}: {e.Message}");
            }

            if (_last != last)
                return new ChainFault(ChainFault.Cut, $"{path}: ends at link {_last}, and its name says {last}") { Link = _last + 1 };
        }

        return null;
    }

    private ChainFault? Verify(string path, StreamReader reader)
    {
        if (ReadHead(reader.ReadLine()) is not { } head)
            return new ChainFault(ChainFault.Changed, $"{path}:1: is no head of a part");
        if (_hash is not null && (head.Previous != _hash || head.From != _last + 1))
            return new ChainFault(ChainFault.Broken, $"{path}: does not follow the part before it") { Link = head.From };
        (_hash, _last) = (head.Previous, head.From - 1);
        var isSigned = false;
        for (var number = 2; reader.ReadLine() is { } line; number++)
        {
            if (CheckpointText.Read(line) is { } checkpoint)
            {
                if (checkpoint.Number != _last || Convert.ToHexStringLower(checkpoint.Hash) != _hash || !checkpoint.IsSigned())
                    return new ChainFault(ChainFault.Checkpoint, $"{path}:{number}: the checkpoint of link {checkpoint.Number} is not of the link before it") { Link = checkpoint.Number };
                _keys.Add(CheckpointText.NameOf(checkpoint.PublicKey));
                isSigned = true;
                continue;
            }

            if (ArchivedLink.Read(line) is not { } link || link.Number != _last + 1 || !link.Follows(Convert.FromHexString(_hash)))
                return new ChainFault(ChainFault.Changed, $"{path}:{number}: link {_last + 1} is not what was linked, or does not follow the one before") { Link = _last + 1 };
            (_hash, _last, isSigned) = (link.Hash, link.Number, false);
            Links++;
        }

        return isSigned ? null : new ChainFault(ChainFault.Cut, $"{path}: its end is not signed: it was cut off") { Link = _last };
    }

    private static ArchiveHead? ReadHead(string? line)
    {
        try
        {
            return line is not null && JsonSerializer.Deserialize<ArchiveHead>(line) is { Version: 1, Previous: { Length: LinkHash.Length * 2 } previous } head && previous.All(char.IsAsciiHexDigit)
                ? head
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
