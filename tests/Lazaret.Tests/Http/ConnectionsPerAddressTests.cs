using System.Net;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Server;

namespace Lazaret.Tests.Http;

public sealed class ConnectionsPerAddressTests
{
    [Fact]
    public void An_address_has_as_many_as_it_may_and_takes_none_from_others()
    {
        var connections = new ConnectionsPerAddress(2, new ProxyAddresses([]));
        var (one, other) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        Assert.True(connections.TryEnter(one) && connections.TryEnter(one) && !connections.TryEnter(one) && connections.TryEnter(other));
        connections.Leave(one);
        Assert.True(connections.TryEnter(one) && !connections.TryEnter(one));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::")]
    [InlineData("::1", "::1")]
    public void A_client_is_an_address_or_the_network_that_one_machine_is_given(string address, string client) =>
        Assert.Equal(IPAddress.Parse(client), ConnectionsPerAddress.ClientOf(IPAddress.Parse(address)));
}
