namespace Lazaret.Node.WebConsole;

/// <summary>A small form of one of the console's pages.</summary>
internal static class ConsoleForm
{
    private const long MostBytes = 256 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Its fields; none where something else came, or too much of it.</summary>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType || request.ContentLength is null or > MostBytes)
            return FormCollection.Empty;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Patience);
        try
        {
            return await request.ReadFormAsync(late.Token);
        }
        catch (Exception e) when (e is InvalidDataException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return FormCollection.Empty;
        }
    }
}
