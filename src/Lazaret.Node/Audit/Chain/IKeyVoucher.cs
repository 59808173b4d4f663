namespace Lazaret.Node.Audit.Chain;

/// <summary>
/// Vouches for the signing key of a node by what all nodes of one database share, and the database does not hold: the key ring. Otherwise whoever may write to the
/// database could name a key of their own in the audit.
/// </summary>
internal interface IKeyVoucher
{
    /// <param name="key">The signing key's name.</param>
    string Vouch(string key);

    bool IsVouched(string key, string voucher);
}
