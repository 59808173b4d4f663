using System.Runtime.InteropServices;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>Makes the digests of <see cref="OutcomeValues"/> during one decision, each once: the maps of a batch are about the same subjects and values.</summary>
/// <param name="key">The node's key for draws and names.</param>
internal sealed class ValueTags(byte[] key)
{
    private readonly Dictionary<(string Subject, double Value), uint> _tags = [];

    public uint Of(string subject, double value)
    {
        ref var tag = ref CollectionsMarshal.GetValueRefOrAddDefault(_tags, (subject, value), out var isMade);
        return isMade ? tag : tag = OutcomeValues.Tag(key, subject, value);
    }
}
