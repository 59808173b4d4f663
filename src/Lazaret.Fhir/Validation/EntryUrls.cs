using System.Runtime.InteropServices;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The fullUrls of a bundle, each with the type and version of the first resource that has it, as places in the bytes: twelve
/// bytes for an entry, where the URLs themselves would weigh as much as a tenth of the bundle.
/// </summary>
internal sealed class EntryUrls(ReadOnlyMemory<byte> json)
{
    /// <summary>The longest fullUrl, in bytes as it is written: relative references are read against it, each anew.</summary>
    public const int MaxLength = 512;

    private Slot[] _slots = new Slot[64];
    private int _count;
    private int _recent;
    private int _older;

    /// <summary>Adds an entry's URL. False when another entry has it already, with that one's version.</summary>
    public bool TryAdd(JsonText url, ObjectType? type, JsonText? version, out string? first)
    {
        if (_count * 2 >= _slots.Length)
            Grow();
        ref var slot = ref _slots[IndexOf(url.Bytes(json))];
        if (slot.Url > 0)
        {
            first = slot.Version > 0 ? JsonText.At(slot.Version, json).Text(json) : null;
            return false;
        }

        (slot, first) = (new Slot(url.Start, version?.Start ?? 0, (short)(url.IsEscaped ? -1 : url.Length), (short)(type?.Index ?? -1)), null);
        _count++;
        return true;
    }

    /// <summary>An entry has the URL.</summary>
    /// <param name="type">The type of its resource; null when it has none.</param>
    public bool TryFind(ReadOnlySpan<byte> url, out ObjectType? type)
    {
        // Most references are to the patient or to the encounter of the entries before.
        if (!Has(_recent, url))
        {
            (_recent, _older) = (_older, _recent);
            if (!Has(_recent, url))
                _recent = IndexOf(url);
        }

        ref var slot = ref _slots[_recent];
        type = slot.Url > 0 && slot.Type >= 0 ? R4.Definitions.Types[slot.Type] : null;
        return slot.Url > 0;
    }

    private int IndexOf(ReadOnlySpan<byte> url)
    {
        // Seeded anew in every process: nobody can choose URLs that collide, but for a last byte of an odd number.
        var at = string.GetHashCode(MemoryMarshal.Cast<byte, char>(url), StringComparison.Ordinal) & (_slots.Length - 1);
        while (_slots[at].Url > 0 && !Has(at, url))
            at = (at + 1) & (_slots.Length - 1);
        return at;
    }

    private bool Has(int at, ReadOnlySpan<byte> url)
    {
        ref var slot = ref _slots[at];
        return slot.Length < 0
            ? JsonText.At(slot.Url, json).Bytes(json).SequenceEqual(url)
            : slot.Length == url.Length && json.Span.Slice(slot.Url, slot.Length).SequenceEqual(url);
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new Slot[old.Length * 2];
        (_recent, _older) = (0, 0);
        foreach (var slot in old.Where(slot => slot.Url > 0))
            _slots[IndexOf(JsonText.At(slot.Url, json).Bytes(json))] = slot;
    }

    /// <summary>Where the two strings begin, 0 for none; how long the URL is, -1 when it is written with escapes; the index of the type, -1 for none.</summary>
    private readonly record struct Slot(int Url, int Version, short Length, short Type);
}
