using System.Security.Cryptography;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Answers;

/// <summary>Puts entries together into a collection bundle, each of them once.</summary>
internal sealed class PrefetchedBundleWriter : IDisposable
{
    private readonly MemoryStream _bundle;
    private readonly HashSet<UInt128> _seen = [];
    private readonly List<string> _places = [];
    private ReadOnlyMemory<byte>? _rules;

    public PrefetchedBundleWriter(int capacity)
    {
        _bundle = new MemoryStream(capacity);
        _bundle.Write("{\"resourceType\":\"Bundle\",\"type\":\"collection\""u8);
    }

    /// <summary>The rules by which a bundle is to be read hold for what was in it.</summary>
    public void AddRules(ReadOnlyMemory<byte>? rules) => _rules ??= rules;

    public void AddResource(string place, ReadOnlyMemory<byte> resource) => Add(place, () => Append("\"resource\""u8, resource, isFirst: true));

    // How a server came to find an entry (search, link) is no part of a collection.
    public void AddEntry(string place, ReadOnlyMemory<byte> entry) => Add(place, () =>
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

    public PrefetchedBundle End()
    {
        if (_places.Count > 0)
            _bundle.WriteByte((byte)']');
        if (_rules is { } meaning)
            Append("\"implicitRules\""u8, meaning, isFirst: false);
        _bundle.WriteByte((byte)'}');
        return new PrefetchedBundle(_bundle.GetBuffer().AsMemory(0, (int)_bundle.Length), _places);
    }

    public void Dispose() => _bundle.Dispose();

    private void Add(string place, Action write)
    {
        var before = _bundle.Length;
        _bundle.Write(_places.Count > 0 ? ","u8 : ",\"entry\":["u8);
        var start = (int)_bundle.Length;
        _bundle.WriteByte((byte)'{');
        write();
        _bundle.WriteByte((byte)'}');
        if (_seen.Add(BitConverter.ToUInt128(SHA256.HashData(_bundle.GetBuffer().AsSpan(start, (int)_bundle.Length - start)))))
            _places.Add(place);
        else
            _bundle.SetLength(before);
    }

    private void Append(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value, bool isFirst)
    {
        if (!isFirst)
            _bundle.WriteByte((byte)',');
        _bundle.Write(name);
        _bundle.WriteByte((byte)':');
        _bundle.Write(value.Span);
    }
}
