using System.Security.Cryptography;

namespace Lazaret.Fhir.Answers;

/// <summary>The body of a call of a CDS Hooks service (https://cds-hooks.hl7.org/2.0/#calling-a-cds-service).</summary>
public sealed class CdsRequest
{
    /// <summary>Many times what a model may ask for.</summary>
    private const int MaxPrefetched = 1024;

    private readonly List<ReadOnlyMemory<byte>> _prefetched = [];

    private CdsRequest(string patient) => Patient = patient;

    /// <summary>The context's patient.</summary>
    public string Patient { get; }

    /// <summary>Whether there is a prefetch at all.</summary>
    public bool HasPrefetch { get; private init; }

    /// <summary>Whether the prefetched patient is another than the context's.</summary>
    public bool IsOfAnother { get; private init; }

    /// <summary>Null when the body is no such call.</summary>
    public static CdsRequest? Read(ReadOnlyMemory<byte> body)
    {
        if (JsonMembers.Find(body, "hook", "hookInstance", "context", "prefetch") is not [{ } hook, { } instance, { } context, var prefetch]
            || hook.AsText() is null || instance.AsText() is null
            || JsonMembers.Find(context, "patientId") is not [{ } id] || id.AsText() is not { Length: > 0 } patient)
        {
            return null;
        }

        if (prefetch is not { } items || !items.IsObject())
            return new CdsRequest(patient);
        if (JsonMembers.Find(items, "patient") is not [var person])
            return null;
        var request = new CdsRequest(patient) { HasPrefetch = true, IsOfAnother = person is { } prefetched && IsAnother(prefetched, patient) };
        JsonMembers.ForEach(items, (_, item) =>
        {
            if (request._prefetched.Count <= MaxPrefetched && !item.IsNull())
                request._prefetched.Add(item);
        });
        return request._prefetched.Count <= MaxPrefetched ? request : null;
    }

    /// <summary>
    /// The prefetched resources and searchset bundles as one collection bundle, for the validator and the negotiation. An entry
    /// that two searches found is there once; what changes the meaning of a bundle or an entry goes with it. What is no bundle
    /// is copied as a resource, so that the validator says what is wrong with it; null was not found and is left out.
    /// </summary>
    public ReadOnlyMemory<byte> ToBundle()
    {
        using var bundle = new MemoryStream(_prefetched.Sum(item => item.Length) + (64 * (_prefetched.Count + 2)));
        var seen = new HashSet<UInt128>();
        var hasEntry = false;
        ReadOnlyMemory<byte>? rules = null;
        bundle.Write("{\"resourceType\":\"Bundle\",\"type\":\"collection\""u8);
        foreach (var item in _prefetched)
        {
            if (JsonMembers.Find(item, "resourceType", "implicitRules", "entry") is [{ } type, var itsRules, var entries] && type.AsText() == "Bundle")
            {
                rules ??= itsRules;
                if (entries is { } list && list.IsArray())
                    JsonMembers.ForEach(list, (_, entry) => AddEntry(entry));
            }
            else
            {
                Add(() => Append("\"resource\""u8, item, isFirst: true));
            }
        }

        if (hasEntry)
            bundle.WriteByte((byte)']');
        if (rules is { } meaning)
            Append("\"implicitRules\""u8, meaning, isFirst: false);
        bundle.WriteByte((byte)'}');
        return bundle.GetBuffer().AsMemory(0, (int)bundle.Length);

        // How a server came to find an entry (search, link) is no part of a collection.
        void AddEntry(ReadOnlyMemory<byte> entry)
        {
            if (!entry.IsObject() || JsonMembers.Find(entry, "resource") is [null])
                return;
            Add(() =>
            {
                var isFirst = true;
                JsonMembers.ForEach(entry, (name, value) =>
                {
                    if (name.Is("search"u8) || name.Is("link"u8))
                        return;
                    Append(name.Span, value, isFirst);
                    isFirst = false;
                });
            });
        }

        void Add(Action write)
        {
            var before = bundle.Length;
            bundle.Write(hasEntry ? ","u8 : ",\"entry\":["u8);
            var start = (int)bundle.Length;
            bundle.WriteByte((byte)'{');
            write();
            bundle.WriteByte((byte)'}');
            if (seen.Add(BitConverter.ToUInt128(SHA256.HashData(bundle.GetBuffer().AsSpan(start, (int)bundle.Length - start)))))
                hasEntry = true;
            else
                bundle.SetLength(before);
        }

        void Append(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value, bool isFirst)
        {
            if (!isFirst)
                bundle.WriteByte((byte)',');
            bundle.Write(name);
            bundle.WriteByte((byte)':');
            bundle.Write(value.Span);
        }
    }

    // Some clients send Patient/p where the specification says p.
    private static bool IsAnother(ReadOnlyMemory<byte> prefetched, string patient) =>
        JsonMembers.Find(prefetched, "id") is [{ } text] && text.AsText() is { } id && id != patient && $"Patient/{id}" != patient;
}
