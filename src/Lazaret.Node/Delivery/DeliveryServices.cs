using Lazaret.Node.Delivery.Sending;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Lazaret.Node.Delivery;

internal static class DeliveryServices
{
    public static IServiceCollection AddDelivery(this IServiceCollection services, WebhookOptions options) => services
        .AddSingleton(options)
        .AddSingleton<IInterceptor, WebhookOutbox>()
        .AddSingleton<DeliveryMetrics>()
        .AddSingleton<WebhookAddresses>()
        .AddSingleton<WebhookSecrets>()
        .AddSingleton<WebhookEndpoints>()
        .AddSingleton<WebhookSender>()
        .AddSingleton<WebhookDeliverer>()
        .AddSingleton<DeliveryQueue>()
        .AddSingleton<DeliveryLog>();

    /// <summary>The deliverer. It runs in the process that runs jobs, since deliveries begin when a job ends.</summary>
    public static IServiceCollection AddDeliverer(this IServiceCollection services) => services
        .AddHostedService(provider => provider.GetRequiredService<WebhookDeliverer>());
}
