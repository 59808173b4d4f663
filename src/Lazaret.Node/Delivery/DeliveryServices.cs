using Lazaret.Node.Configuration;

namespace Lazaret.Node.Delivery;

public static class DeliveryServices
{
    public static IServiceCollection AddDelivery(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Webhooks)
        .AddSingleton<WebhookAddresses>()
        .AddSingleton<WebhookSecrets>()
        .AddSingleton<WebhookEndpoints>()
        .AddSingleton<WebhookSender>()
        .AddSingleton<WebhookDeliverer>()
        .AddSingleton<DeliveryQueue>()
        .AddSingleton<DeliveryLog>();

    /// <summary>The deliverer: where jobs run, which is where they end.</summary>
    public static IServiceCollection AddDeliverer(this IServiceCollection services) => services
        .AddHostedService(provider => provider.GetRequiredService<WebhookDeliverer>());
}
