using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Tokens;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Identity.Tokens;

public sealed class JwksSourceTests
{
    private static readonly TokenSigner One = TokenSigner.Make("one");
    private static readonly TokenSigner Two = TokenSigner.Make("two");

    private readonly FakeTimeProvider _time = new();
    private readonly JwksSource _source;
    private Func<Task<byte[]>> _answer = () => Answer(One);
    private int _read;

    public JwksSourceTests() => _source = new JwksSource("here", TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), TimeSpan.FromHours(1), _ =>
    {
        _read++;
        return _answer();
    }, _time, NullLogger.Instance);

    [Fact]
    public async Task Keys_that_were_read_are_taken_until_they_are_old()
    {
        for (var i = 0; i < 100; i++)
            Assert.Single((await GetAsync("one")).Find("one"));
        Assert.Equal(1, _read);
        _time.Advance(TimeSpan.FromMinutes(10));
        await GetAsync("one");
        Assert.Equal(2, _read);
    }

    [Fact]
    public async Task Key_ids_that_are_made_up_cause_one_reading_in_a_while()
    {
        await GetAsync("one");
        for (var second = 0; second < 60; second++)
        {
            for (var i = 0; i < 50; i++)
                Assert.Empty((await GetAsync($"made-up-{second}-{i}")).Find($"made-up-{second}-{i}"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(7, _read);
        // A key that is really new is there after that while at the latest.
        _answer = () => Answer(One, Two);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Single((await GetAsync("two")).Find("two"));
    }

    [Fact]
    public async Task A_set_without_keys_ends_the_trust_in_those_before()
    {
        await GetAsync("one");
        _answer = () => Task.FromResult(Encoding.UTF8.GetBytes("""{"keys":[]}"""));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty((await GetAsync("one")).Find("one"));
    }

    [Fact]
    public async Task A_reading_that_a_made_up_key_id_caused_holds_up_nobody_whose_key_is_known()
    {
        await GetAsync("one");
        var slow = new TaskCompletionSource<byte[]>();
        _answer = () => slow.Task;
        var stranger = GetAsync("made-up");
        Assert.True(GetAsync("one").IsCompletedSuccessfully);
        slow.SetResult(await Answer(One));
        await stranger;
    }

    [Fact]
    public async Task Keys_outlast_their_source_for_an_hour_and_nobody_waits_for_it_twice()
    {
        await GetAsync("one");
        _answer = () => Task.FromException<byte[]>(new HttpRequestException("away"));
        for (var minute = 0; minute < 59; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Single((await GetAsync("one")).Find("one"));
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<ProofUnavailableException>(() => GetAsync("one"));
        _answer = () => Answer(One);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Single((await GetAsync("one")).Find("one"));
    }

    [Fact]
    public async Task A_source_that_is_silent_is_given_up_after_five_seconds()
    {
        _answer = () => new TaskCompletionSource<byte[]>().Task;
        var asking = GetAsync("one");
        await Wait.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            return asking.IsCompleted;
        });
        await Assert.ThrowsAsync<ProofUnavailableException>(() => asking);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[{"kty":"oct","kid":"one","k":"c2VjcmV0"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"one","n":"*","e":"AQAB"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"one"}]}""")]
    [InlineData("""{"keys":[7]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"one","use":"enc","n":"AQAB","e":"AQAB"}]}""")]
    public void A_document_without_a_public_key_for_signatures_is_none(string document) =>
        Assert.Throws<FormatException>(() => KeySet.Read(Encoding.UTF8.GetBytes(document)));

    [Fact]
    public void A_key_that_is_too_short_is_none() =>
        Assert.Throws<FormatException>(() => KeySet.Read(Encoding.UTF8.GetBytes(TokenSigner.Jwks(TokenSigner.Make("one", "RS256", 1024)))));

    private Task<KeySet> GetAsync(string kid) => _source.GetAsync(kid, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(null, 1)]
    [InlineData("RS256", 1)]
    [InlineData("RS512", 0)]
    public void A_key_that_says_which_algorithm_it_is_for_is_for_no_other(string? said, int found)
    {
        var keys = JsonNode.Parse(TokenSigner.Jwks(TokenSigner.Make("one", "RS256")))!;
        keys["keys"]![0]!.AsObject().Remove("alg");
        if (said is not null)
            keys["keys"]![0]!["alg"] = said;
        Assert.Equal(found, KeySet.Read(Encoding.UTF8.GetBytes(keys.ToJsonString())).Find("one", "RS256").Count);
    }

    private static Task<byte[]> Answer(params TokenSigner[] signers) => Task.FromResult(Encoding.UTF8.GetBytes(TokenSigner.Jwks(signers)));
}
