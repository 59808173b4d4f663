using Lazaret.Node.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Receipts;

/// <summary>Whether there is a receipt. The set is closed.</summary>
internal abstract record ReceiptOutcome
{
    public sealed record NoSuchJob : ReceiptOutcome;

    /// <summary>What was released is deleted: its time was over.</summary>
    public sealed record Expired : ReceiptOutcome;

    /// <summary>Nothing was released, or not yet.</summary>
    public sealed record NotReleased(string Status) : ReceiptOutcome;

    /// <summary>The audit's entry has no place in the chain yet: that takes a moment.</summary>
    public sealed record NotLinked : ReceiptOutcome;

    public sealed record Signed(SignedReceipt Receipt) : ReceiptOutcome;

    /// <summary>The same on HTTP.</summary>
    public Results<Ok<SignedReceipt>, Problem.NotFound, Problem.Expired, Problem.Conflict, Problem.Unavailable> ToAnswer() => this switch
    {
        NoSuchJob => new Problem.NotFound("job"),
        Expired => new Problem.Expired(),
        NotReleased { Status: var status } => new Problem.Conflict($"The job is {status}: only what was released has a receipt."),
        NotLinked => new Problem.Unavailable(Unlinked),
        Signed { Receipt: var receipt } => TypedResults.Ok(receipt),
        _ => throw new InvalidOperationException($"unknown outcome {GetType().Name}"),
    };

    public const string Unlinked = "The release has no place in the audit's chain yet: ask again in a moment.";
}
