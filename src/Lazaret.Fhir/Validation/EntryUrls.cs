using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The fullUrls of a bundle, each with the type and version of the first resource that has it, as places in the bytes: twelve
/// bytes for an entry, where the URLs themselves would weigh as much as a tenth of the bundle.
/// </summary>
internal sealed class EntryUrls(ReadOnlyMemory<byte> json)
{
    private Slot[] _slots = new Slot[64];
    private int _count;

    /// <summary>Adds an entry's URL. False when another entry has it already, with that one's version.</summary>
    public bool TryAdd(JsonText url, ObjectType? type, JsonText? version, out string? first)
    {
        if (_count * 2 >= _slots.Length)
            Grow();
        ref var slot = ref Find(url.Bytes(json));
        if (slot.Url > 0)
        {
            first = slot.Version > 0 ? JsonText.At(slot.Version, json).Text(json) : null;
            return false;
        }

        (slot, first) = (new Slot(url.Start, version?.Start ?? 0, type?.Index ?? -1), null);
        _count++;
        return true;
    }

    /// <summary>An entry has the URL.</summary>
    /// <param name="type">The type of its resource; null when it has none.</param>
    public bool TryFind(ReadOnlySpan<byte> url, out ObjectType? type)
    {
        ref var slot = ref Find(url);
        type = slot.Url > 0 && slot.Type >= 0 ? R4.Definitions.Types[slot.Type] : null;
        return slot.Url > 0;
    }

    private ref Slot Find(ReadOnlySpan<byte> url)
    {
        // Seeded anew in every process: nobody can choose URLs that collide.
        var hash = default(HashCode);
        hash.AddBytes(url);
        var at = hash.ToHashCode() & (_slots.Length - 1);
        while (_slots[at].Url > 0 && !JsonText.At(_slots[at].Url, json).Bytes(json).SequenceEqual(url))
            at = (at + 1) & (_slots.Length - 1);
        return ref _slots[at];
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new Slot[old.Length * 2];
        foreach (var slot in old.Where(slot => slot.Url > 0))
            Find(JsonText.At(slot.Url, json).Bytes(json)) = slot;
    }

    /// <summary>Where the two strings begin, 0 for none; the index of the type, -1 for none.</summary>
    private readonly record struct Slot(int Url, int Version, int Type);
}
