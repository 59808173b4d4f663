using System.Text.Json;
using Lazaret.Node.Delivery.Sending;

namespace Lazaret.Tests.Delivery;

public sealed class WebhookSignatureTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    // The example of the specification's authors, https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries.
    [Fact]
    public void The_specifications_example_has_the_specifications_signature() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", Now, """{"test": 2432232314}"""u8, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]));

    // The well-known example of HMAC: key "key", and the fox.
    [Fact]
    public void The_legacy_signature_is_the_plain_hmac_of_the_body_in_hex() => Assert.Equal(
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
        WebhookSignature.SignLegacy("The quick brown fox jumps over the lazy dog"u8, "key"));

    [Fact]
    public void Every_secret_is_new_and_long_enough()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => WebhookSignature.NewSecret()).ToHashSet();
        Assert.Equal(100, secrets.Count);
        Assert.All(secrets, secret => Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length));
    }

    [Fact]
    public async Task What_the_documentation_tells_bot_builders_to_run_takes_what_is_signed_and_nothing_else()
    {
        var secret = WebhookSignature.NewSecret();
        var webhook = Signed(secret, WebhookSignature.NewSecret());
        Assert.True(await IndependentVerifiers.VerifyAsDocumentedAsync(secret, webhook, Now));
        Assert.True(await IndependentVerifiers.VerifyAsDocumentedAsync(secret, webhook, Now.AddMinutes(4)));

        Assert.False(await IndependentVerifiers.VerifyAsDocumentedAsync(WebhookSignature.NewSecret(), webhook, Now));
        Assert.False(await IndependentVerifiers.VerifyAsDocumentedAsync(secret, webhook with { Body = "{}"u8.ToArray() }, Now));
        Assert.False(await IndependentVerifiers.VerifyAsDocumentedAsync(secret, webhook, Now.AddMinutes(6)));
        var laterId = new Dictionary<string, string>(webhook.Headers, StringComparer.Ordinal) { [WebhookSignature.IdHeader] = "msg_other" };
        Assert.False(await IndependentVerifiers.VerifyAsDocumentedAsync(secret, webhook with { Headers = laterId }, Now));
    }

    [Fact]
    public async Task The_library_of_the_specifications_authors_takes_what_is_signed_and_nothing_else()
    {
        var secret = WebhookSignature.NewSecret();
        var webhook = Signed(WebhookSignature.NewSecret(), secret);
        Assert.True(await IndependentVerifiers.VerifyWithTheLibraryAsync(secret, webhook, Now));
        Assert.False(await IndependentVerifiers.VerifyWithTheLibraryAsync(secret, webhook, Now.AddMinutes(6)));
        Assert.False(await IndependentVerifiers.VerifyWithTheLibraryAsync(secret, webhook with { Body = "{}"u8.ToArray() }, Now));
    }

    [Fact]
    public void The_documented_verification_in_csharp_is_the_one_that_is_run()
    {
        var source = File.ReadAllText(Repository.File("tests", "Lazaret.Tests", "Delivery", "DocumentedVerifier.cs"));
        Assert.Contains(IndependentVerifiers.Documented("csharp"), source, StringComparison.Ordinal);
    }

    private static ReceivedWebhook Signed(params string[] secrets)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { type = "job.completed", note = "Ünïcode" });
        return new ReceivedWebhook("/", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [WebhookSignature.IdHeader] = "msg_1",
            [WebhookSignature.TimestampHeader] = $"{Now.ToUnixTimeSeconds()}",
            [WebhookSignature.Header] = WebhookSignature.Sign("msg_1", Now, body, secrets),
        }, body);
    }
}
