using System.Net;
using Lazaret.Node;
using Lazaret.Node.Delivery;
using Lazaret.Node.Delivery.Sending;

namespace Lazaret.Tests.Delivery;

public sealed class WebhookAddressesTests
{
    private static readonly WebhookAddresses Default = new(new WebhookOptions());

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    public void A_public_address_is_reached(string address) => Assert.True(Default.Allow("bot.example", IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("2001:0:7f00:1::")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void An_address_that_is_not_public_is_refused(string address) => Assert.False(Default.Allow("bot.example", IPAddress.Parse(address)));

    [Fact]
    public void What_the_site_allows_is_reached_and_its_neighbours_are_not()
    {
        var addresses = new WebhookAddresses(new WebhookOptions { Allow = ["10.20.0.0/16", "127.0.0.1", "fd12::/16", "bot.ward.example"] });
        Assert.True(addresses.Allow("x", IPAddress.Parse("10.20.255.1")));
        Assert.True(addresses.Allow("x", IPAddress.Loopback));
        Assert.True(addresses.Allow("x", IPAddress.Parse("fd12::1")));
        Assert.True(addresses.Allow("BOT.ward.example", IPAddress.Parse("192.168.7.7")));
        Assert.False(addresses.Allow("x", IPAddress.Parse("10.21.0.1")));
        Assert.False(addresses.Allow("x", IPAddress.Parse("127.0.0.2")));
        Assert.False(addresses.Allow("x", IPAddress.Parse("::ffff:127.0.0.1")));
        Assert.False(addresses.Allow("evil.ward.example", IPAddress.Parse("192.168.7.7")));
    }

    [Theory]
    [InlineData("10.0.0.0/99")]
    [InlineData("https://bot.example")]
    [InlineData("")]
    public void What_is_neither_network_nor_name_stops_the_start(string entry) =>
        Assert.Contains("Lazaret:Webhooks:Allow", Assert.Single(new NodeOptions { Webhooks = new WebhookOptions { Allow = [entry] } }.Faults()), StringComparison.Ordinal);
}
