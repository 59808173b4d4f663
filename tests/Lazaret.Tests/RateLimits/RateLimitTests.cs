using System.Diagnostics;
using System.Net;
using Lazaret.Node;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.RateLimits;

/// <summary>Limits of a running node. While a test runs its buckets get a token a second, which is allowed for.</summary>
public sealed class RateLimitTests
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_requester_who_sends_too_much_is_told_when_to_come_back_and_others_are_not_concerned()
    {
        await using var node = await ServingNode.StartAsync(options => Limit(options, perRequester: 5));
        var (one, other) = (await node.RegisterAsync("one", Roles.Requester), await node.RegisterAsync("other", Roles.Requester));
        using var refused = await SpendAsync(node, 5, 200, _ => Get("/v1/models", one));
        using var fhir = await SpendAsync(node, 0, 200, _ => Get($"/fhir/Library/{ServingNode.Model}", one));
        using var too = await SpendAsync(node, 5, 200, _ => Get("/v1/models", other));

        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Contains("urn:lazaret:problem:too-many-requests", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal("application/fhir+json", fhir.Content.Headers.ContentType?.MediaType);
        Assert.Contains("throttled", await fhir.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guesses_of_keys_count_for_their_address_and_health_checks_do_not()
    {
        await using var node = await ServingNode.StartAsync(options => Limit(options, perAddress: 5));
        var key = await node.RegisterAsync("one", Roles.Requester);
        using var guessed = await SpendAsync(node, 5, 401, _ => Get("/v1/models", "lz_guessed"));
        using var known = await SpendAsync(node, 0, 200, _ => Get("/v1/models", key));
        using var nowhere = await SpendAsync(node, 0, 404, _ => Get("/nowhere", null));
        foreach (var probe in Enumerable.Repeat<string[]>(["/healthz", "/readyz"], 20).SelectMany(both => both))
        {
            using var answer = await node.SendAsync(HttpMethod.Get, probe, null);
            Assert.NotEqual(HttpStatusCode.TooManyRequests, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Behind_a_proxy_it_is_the_client_s_address_as_the_proxy_saw_it_that_counts()
    {
        await using var node = await ServingNode.StartAsync(options => Limit(options, perAddress: 5, proxies: "127.0.0.1"));
        using var one = await SpendAsync(node, 5, 200, number => Get("/", null, $"198.51.100.{number}, 203.0.113.5"));
        using var other = await SpendAsync(node, 5, 200, number => Get("/", null, "203.0.113.5, 203.0.113.6"));
        // One /64 is one machine's.
        using var network = await SpendAsync(node, 5, 200, number => Get("/", null, $"2001:db8:1:2::{number:x}"));
        for (var number = 0; number < 50; number++)
        {
            using var many = await node.Client.SendAsync(Get("/", null, $"2001:db8:2:{number:x}::7"), Stop);
            Assert.Equal(HttpStatusCode.OK, many.StatusCode);
        }
    }

    [Fact]
    public async Task A_stranger_s_forwarding_header_makes_no_other_address_of_them()
    {
        await using var node = await ServingNode.StartAsync(options => Limit(options, perAddress: 5, proxies: "192.0.2.77"));
        using var refused = await SpendAsync(node, 5, 200, number => Get("/", null, $"198.51.100.{number}"));
    }

    [Fact]
    public async Task Without_authentication_and_settings_there_is_no_limit()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Http = new HttpOptions() });
        for (var number = 0; number < 300; number++)
        {
            using var answer = await node.Client.SendAsync(Get("/", null), Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Processes_of_a_node_count_together_on_redis_and_alone_while_it_is_away()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await ServingNode.StartAsync(
            options => Limit(options, perRequester: 20) with { Queue = new QueueOptions { Provider = QueueOptions.Redis } }, setting: ("ConnectionStrings:Redis", redis.ConnectionString));
        await using var other = await one.BesideAsync();
        var names = 0;
        // What Redis does not answer in a quarter of a second a process counts alone, and so it does for two seconds more.
        await Wait.UntilAsync(CountTogetherAsync, "counting together");
        await redis.StopAsync();

        var another = await one.RegisterAsync("another", Roles.Requester);
        using (await SpendAsync(one, 20, 200, _ => Get("/v1/models", another)))
        using (await SpendAsync(other, 20, 200, _ => Get("/v1/models", another)))
            await redis.StartAgainAsync();

        await Wait.UntilAsync(CountTogetherAsync, "counting together again");

        // Of the 20 requests that a requester may send at once, and one more each second, one process has let 15 through.
        async Task<bool> CountTogetherAsync()
        {
            var clock = Stopwatch.StartNew();
            var key = await one.RegisterAsync($"requester-{++names}", Roles.Requester);
            for (var number = 0; number < 15; number++)
                (await one.Client.SendAsync(Get("/v1/models", key), Stop)).Dispose();
            var let = 0;
            while ((await other.SendAsync(HttpMethod.Get, "/v1/models", key)).StatusCode == HttpStatusCode.OK)
                let++;
            Assert.True(let >= 5, $"{let} of 5 were let through");
            return let <= 5 + 1 + clock.Elapsed.TotalSeconds;
        }
    }

    private static NodeOptions Limit(NodeOptions options, int? perRequester = null, int? perAddress = null, params string[] proxies) => RegisteredKeys.AskForKeys(options) with
    {
        Http = new HttpOptions
        {
            RequestsPerSecond = perRequester is null ? 0 : 1,
            RequestsPerSecondBurst = perRequester,
            RequestsPerSecondPerAddress = perAddress is null ? 0 : 1,
            RequestsPerSecondPerAddressBurst = perAddress,
            Proxies = proxies,
        },
    };

    /// <summary>Sends until a request is refused: not before the tokens that are there, and no later than with those that came since the test began.</summary>
    private async Task<HttpResponseMessage> SpendAsync(ServingNode node, int tokens, int status, Func<int, HttpRequestMessage> request)
    {
        for (var sent = 0; ; sent++)
        {
            using var next = request(sent);
            var answer = await node.Client.SendAsync(next, Stop);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.InRange(sent, tokens, tokens + 1 + (int)_clock.Elapsed.TotalSeconds);
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 2);
                return answer;
            }

            Assert.Equal(status, (int)answer.StatusCode);
            answer.Dispose();
            Assert.True(sent < 1000, "nothing is refused");
        }
    }

    private static HttpRequestMessage Get(string path, string? key, string? forwarded = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        if (forwarded is not null)
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
        return request;
    }
}
