namespace Lazaret.Node.Http.Bodies;

/// <summary>Forms of a few fields, as the framework reads them. Whoever reads one has bounded its size; here are its time, and what a broken one is.</summary>
internal static class SmallForm
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Its fields; null where the body is no form, ends too early, or does not arrive in time.</summary>
    /// <exception cref="BadHttpRequestException">It is larger than it may be.</exception>
    public static async Task<IFormCollection?> ReadSmallFormAsync(this HttpRequest request)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        late.CancelAfter(Patience);
        try
        {
            return await request.ReadFormAsync(late.Token);
        }
        catch (Exception e) when (e is InvalidDataException or OperationCanceledException or (IOException and not BadHttpRequestException))
        {
            // A multipart form without its last boundary is an IOException, which would be taken for a disk that failed.
            return null;
        }
    }
}
