using Lazaret.Node.Delivery;
using Lazaret.Node.Delivery.Sending;

namespace Lazaret.Tests.Delivery;

public sealed class WebhookUrlTests
{
    private static readonly WebhookAddresses Default = new(new WebhookOptions());
    private static readonly WebhookAddresses Loopback = new(new WebhookOptions { Allow = ["127.0.0.0/8", "::1", "10.0.0.0/8"] });

    [Theory]
    [InlineData("https://bot.example/told?token=abc")]
    [InlineData("https://bot.example:8443/")]
    [InlineData("https://8.8.8.8/")]
    [InlineData("https://bücher.example/")]
    public void A_public_https_url_is_taken(string url)
    {
        Assert.Equal(new Uri(url), WebhookUrl.Read(url, Default, out var fault));
        Assert.Null(fault);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9000/told")]
    [InlineData("http://localhost:9000/told")]
    [InlineData("http://[::1]:9000/told")]
    [InlineData("https://10.9.8.7/told")]
    public void A_loopback_or_private_url_is_taken_where_the_site_allows_it(string url)
    {
        Assert.NotNull(WebhookUrl.Read(url, Loopback, out _));
        Assert.Null(WebhookUrl.Read(url, Default, out var fault));
        Assert.Equal("webhook_url", fault!.Field);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bot.example/told")]
    [InlineData("/told")]
    [InlineData("ftp://bot.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://bot.example/")]
    [InlineData("http://10.9.8.7/")]
    [InlineData("https://user:password@bot.example/")]
    [InlineData("https://bot.example/#part")]
    [InlineData("https://bot.example:0/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://[fd00:ec2::254]/")]
    [InlineData("https://2852039166/")] // 169.254.169.254 as one number
    [InlineData("https://0xa9.0xfe.0xa9.0xfe/")]
    public void Any_other_is_refused_without_quoting_it(string? url)
    {
        Assert.Null(WebhookUrl.Read(url, Loopback, out var fault));
        if (url is { Length: > 0 })
            Assert.DoesNotContain(url, fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_very_long_one_is_refused() => Assert.Null(WebhookUrl.Read($"https://bot.example/{new string('x', 2000)}", Default, out _));
}
