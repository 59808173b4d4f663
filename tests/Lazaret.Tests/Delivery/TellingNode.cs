using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Delivery;

/// <summary>A node whose requester has a secret and whose diagnosis jobs end as the test says.</summary>
internal sealed class TellingNode : IAsyncDisposable
{
    private readonly TestNode _node;

    private TellingNode(TestNode node, string secret) => (_node, Secret) = (node, secret);

    /// <summary>The requester's first secret.</summary>
    public string Secret { get; }

    public FakeTimeProvider Time => _node.Time;

    public string Folder => _node.Folder;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<TellingNode> StartAsync(Func<NodeOptions?, Task<TestNode>> start, WebhookOptions? options = null)
    {
        var node = await start(new NodeOptions { Webhooks = options ?? new WebhookOptions { Allow = ["127.0.0.1"] } });
        return new TellingNode(node, await node.Get<WebhookSecrets>().RotateAsync("local", TimeSpan.Zero, AuditEntry.Operator, Stop));
    }

    public T Get<T>()
        where T : notnull => _node.Get<T>();

    public LazaretDb Open() => _node.Open();

    /// <summary>Admits a job whose requester wants to be told there.</summary>
    public async Task<Job> AdmitAsync(Uri? url)
    {
        var endpoint = url is null ? null : await Get<WebhookEndpoints>().FindOrAddAsync("local", url, Stop);
        var job = Job.Admit(JobKind.Diagnosis, "local", "{}", "digest", null, Time.GetUtcNow(), endpoint?.Id);
        return ((Admission.Accepted)await Get<JobAdmission>().AdmitAsync(job, [1], [], Stop)).Job;
    }

    /// <summary>Runs the oldest job to this end.</summary>
    public async Task ConcludeAsync(RunReport report)
    {
        var claimed = (await Get<JobQueue>().ClaimAsync("process", Unrunnable.None, Stop))!;
        Assert.NotNull(await Get<JobQueue>().ConcludeAsync(claimed, report, Stop));
    }

    /// <summary>A job that has ended with a result.</summary>
    public async Task<Job> CompleteAsync(Uri url)
    {
        var job = await AdmitAsync(url);
        await ConcludeAsync(new RunReport.Released("""{"diagnosis":"POSITIVE"}"""u8.ToArray(), []));
        return job;
    }

    /// <summary>Makes every attempt that is due, one after the other; how many there were.</summary>
    public async Task<int> DeliverAsync()
    {
        var attempts = 0;
        while (await Get<DeliveryQueue>().ClaimAsync([], Stop) is { } claimed)
        {
            await Get<WebhookDeliverer>().AttemptAsync(claimed, Stop);
            attempts++;
        }

        return attempts;
    }

    /// <summary>The one delivery that there is.</summary>
    public async Task<LoggedDelivery> DeliveryAsync() => Assert.Single(await Get<DeliveryLog>().ListAsync(null, 10, Stop));

    public async Task<IReadOnlyList<AuditAction>> AuditAsync()
    {
        await using var db = Open();
        return await db.Audit.OrderBy(entry => entry.Sequence).Select(entry => entry.Action).ToListAsync(Stop);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();
}
