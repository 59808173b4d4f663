namespace Lazaret.Node.Receipts;

internal static class ReceiptServices
{
    public static IServiceCollection AddReceipts(this IServiceCollection services) => services.AddSingleton<ReceiptDesk>();
}
