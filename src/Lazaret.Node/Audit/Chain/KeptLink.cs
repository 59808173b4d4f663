namespace Lazaret.Node.Audit.Chain;

/// <summary>A link of the chain as somebody outside the database has it.</summary>
/// <param name="Number">Of the link.</param>
/// <param name="Sequence">Of its entry.</param>
/// <param name="Hash">In hexadecimal digits.</param>
/// <param name="Where">What says so, for messages.</param>
internal sealed record KeptLink(long Number, long Sequence, string Hash, string Where);
