using System.Buffers.Text;
using Lazaret.Node.Audit.Chain;

namespace Lazaret.Node.Keys;

/// <summary>A voucher is a sealed record without content, whose place is the signing key's name: only who has the ring can make one, or open it.</summary>
internal sealed class RingVoucher(RecordSeal seal) : IKeyVoucher
{
    public string Vouch(string key) => Convert.ToBase64String(seal.Seal([], PlaceOf(key)));

    public bool IsVouched(string key, string voucher)
    {
        try
        {
            return Base64.IsValid(voucher) && seal.Open(Convert.FromBase64String(voucher), PlaceOf(key)).Length == 0;
        }
        catch (Exception e) when (e is SealException or MissingException or InputException)
        {
            return false;
        }
    }

    private static RecordPlace PlaceOf(string key) => new("Audit", "SigningKey", key);
}
