using Lazaret.Node.Delivery;
using Lazaret.Node.Identity;
using Lazaret.Node.WebConsole.Forms;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.People;

namespace Lazaret.Node.WebConsole.Webhooks;

/// <summary>What operators do to webhooks, as <c>lazaret webhooks</c> does it.</summary>
internal static class WebhookActs
{
    private const int LongestName = 200;

    public static Task<IResult> RotateAsync(HttpContext http, Requester actor, WebhookSecrets secrets, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(http, "secret-of", frame, async fields =>
        {
            var faults = new List<InputFault>();
            var (requester, hours) = (fields.Text("requester"), fields.Number("overlap-hours", faults));
            if (requester.Length is 0 or > LongestName || requester.Any(char.IsControl))
                faults.Add(new InputFault("requester", $"must be a name of 1 to {LongestName} characters"));
            if (hours is < 0 or > WebhookSecrets.MaxOverlapHours)
                faults.Add(new InputFault("overlap-hours", $"{hours} is outside 0 to {WebhookSecrets.MaxOverlapHours}"));
            if (faults.Count > 0)
                throw new InputException(faults);
            var secret = await secrets.RotateAsync(requester, TimeSpan.FromHours(hours), actor.Name, cancellationToken);
            return new Secret($"The webhook secret of {requester}", secret, $"Hand it to who runs {requester} on a way that nobody else reads.");
        });

    public static Task<IResult> ChangeAsync(HttpContext http, Requester actor, WebhookEndpoints endpoints, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(http, "endpoints", frame, async fields =>
        {
            if (!Guid.TryParse(fields.Text("id"), out var id) || !bool.TryParse(fields.Text("enabled"), out var enabled)
                || !await endpoints.ChangeAsync(id, enabled, legacySignature: null, actor.Name, cancellationToken))
                throw new InputException("there is no such endpoint");
            return new Told(enabled ? "The endpoint is on: what waits for it is sent now." : "The endpoint is off: nothing is sent to it.");
        });

    public static Task<IResult> RedeliverAsync(HttpContext http, Requester actor, DeliveryQueue deliveries, FrameDesk frame, CancellationToken cancellationToken) =>
        ActAsync(http, "deliveries", frame, async fields =>
            (Guid.TryParse(fields.Text("id"), out var id) ? await deliveries.RedeliverAsync(id, actor.Name, cancellationToken) : null) switch
            {
                null => throw new InputException("there is no such delivery"),
                Redelivery.Disabled => throw new InputException("its endpoint is off: turn it on first"),
                _ => new Told("It is sent once more now."),
            });

    private static Task<IResult> ActAsync(HttpContext http, string form, FrameDesk frame, Func<IFormCollection, Task<Done>> act) =>
        ConsoleForm.ActAsync(http, form, ConsoleEndpoints.Page<WebhooksPage>(), frame.At(PeopleTabs.Webhooks), act);
}
