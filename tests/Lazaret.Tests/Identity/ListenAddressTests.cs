using Lazaret.Node;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;

namespace Lazaret.Tests.Identity;

/// <summary>Where a node of Production takes clear http.</summary>
public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", true, true)]
    [InlineData("http://[::1]:8080", true, true)]
    [InlineData("http://localhost:8080", true, true)]
    [InlineData("https://0.0.0.0:8443", true, true)]
    [InlineData("http://10.1.2.3:8080", false, true)]
    [InlineData("http://172.31.0.1:8080", false, true)]
    [InlineData("http://192.168.1.1:8080", false, true)]
    [InlineData("http://[fd00::1]:8080", false, true)]
    [InlineData("http://172.32.0.1:8080", false, false)]
    [InlineData("http://0.0.0.0:8080", false, false)]
    [InlineData("http://[::]:8080", false, false)]
    [InlineData("http://203.0.113.7:8080", false, false)]
    [InlineData("http://node.hospital.example:8080", false, false)]
    public void Clear_http_is_taken_from_this_machine_or_from_a_proxy_on_a_private_network(string address, bool alone, bool behindProxy)
    {
        Assert.Equal(alone, Start(new HttpOptions(), address));
        Assert.Equal(behindProxy, Start(new HttpOptions { Proxies = ["10.0.0.7"] }, address));
        Assert.True(Start(new HttpOptions { Proxies = ["10.0.0.7"], ClearBehindProxies = true }, address));
        // Without a proxy there is nobody who could have ended TLS.
        Assert.Equal(alone, Start(new HttpOptions { ClearBehindProxies = true }, address));
    }

    private static bool Start(HttpOptions http, string address) =>
        !Production.Faults(new NodeOptions { Http = http, Auth = new AuthOptions { Modes = [AuthModes.Key] } }, [address]).Any();
}
