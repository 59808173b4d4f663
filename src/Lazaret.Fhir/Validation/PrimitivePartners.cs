using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// What primitives and their underscored partners must be to each other, in whichever order they came: null stands only where
/// the partner array has an item, and an id alone only beside a value. Almost every resource passes through without a note here.
/// </summary>
internal sealed class PrimitivePartners(Place place, IssueLog log)
{
    /// <summary>By slot; valid where the value was seen.</summary>
    private readonly int[] _lengths = new int[FhirValidator.MaxDepth * ObjectType.MaxElements];
    private readonly List<Note> _notes = [];

    /// <summary>Where the notes of an object begin.</summary>
    public int Mark => _notes.Count;

    /// <param name="nulls">The places of the nulls, when there are any.</param>
    public void AddValues(int slot, int count, List<int>? nulls)
    {
        _lengths[slot] = count;
        if (nulls is null)
            return;
        var items = new Partner[count];
        Array.Fill(items, Partner.Present);
        nulls.ForEach(index => items[index] = Partner.Null);
        _notes.Add(new Note(slot, IsUnderscore: false, items));
    }

    public void AddExtensions(int slot, List<Partner> items) => _notes.Add(new Note(slot, IsUnderscore: true, [.. items]));

    /// <summary>Checks one object at its end, and forgets the notes since <paramref name="mark"/>.</summary>
    /// <param name="idOnly">The single elements whose underscored object holds nothing but an id.</param>
    public void Check(ObjectType type, ulong values, ulong extensions, ulong idOnly, int slots, int mark)
    {
        if (extensions == 0 && _notes.Count == mark)
            return;
        foreach (var element in type.Elements)
        {
            var hasValue = (values & element.Bit) != 0;
            if (!hasValue && (idOnly & element.Bit) != 0)
                FailIdOnly(element.Name);
            if (element.IsArray)
                CheckItems(element, slots + element.Index, hasValue, (extensions & element.Bit) != 0, mark);
        }

        _notes.RemoveRange(mark, _notes.Count - mark);
    }

    private void CheckItems(ElementDefinition element, int slot, bool hasValues, bool hasExtensions, int mark)
    {
        var values = hasValues ? Find(slot, isUnderscore: false, mark) : null;
        var extensions = hasExtensions ? Find(slot, isUnderscore: true, mark) : null;
        if (values is null && extensions is null)
            return;
        var count = hasValues ? _lengths[slot] : 0;
        for (var i = 0; i < Math.Max(count, extensions?.Length ?? 0) && !log.IsFull; i++)
        {
            if (i < count && (values is null || values[i] != Partner.Null))
                continue;
            var extension = i < extensions?.Length ? extensions[i] : Partner.Null;
            place.Enter(element.Name);
            place.Index = i;
            if (extension == Partner.Null)
                log.Fault("structure", place, "null stands only where the partner array has an object or a value");
            else if (extension == Partner.IdOnly)
                FailIdOnly();
            place.Leave();
        }
    }

    private Partner[]? Find(int slot, bool isUnderscore, int mark)
    {
        for (var i = mark; i < _notes.Count; i++)
        {
            if (_notes[i].Slot == slot && _notes[i].IsUnderscore == isUnderscore)
                return _notes[i].Items;
        }

        return null;
    }

    private void FailIdOnly(string? child = null) =>
        log.Fault("invariant", place, "an element must have a value or children beside its id (ele-1)", child);

    private sealed record Note(int Slot, bool IsUnderscore, Partner[] Items);
}

/// <summary>One item of an array of primitives, or of its partner.</summary>
internal enum Partner : byte
{
    Null,
    Present,

    /// <summary>An underscored object that holds nothing but an id.</summary>
    IdOnly,
}
