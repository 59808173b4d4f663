using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Identity.Tokens;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>SMART Backend Services from end to end: registered by the command, and asked by a client that shares no line with the node (PyJWT).</summary>
public sealed class SmartClientTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private static readonly (string, string)[] Smart = [("Lazaret__Auth__Modes__0", "smart")];

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("ES384")]
    [InlineData("RS384")]
    public async Task A_backend_service_finds_the_endpoint_gets_a_token_and_evaluates(string algorithm)
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/jwt/__init__.py", "python3-jwt");
        ServerProcess.Require("/usr/lib/python3/dist-packages/cryptography/__init__.py", "python3-cryptography");
        var signer = TokenSigner.Make("one", algorithm);
        _folder.Write("jwks.json", TokenSigner.Jwks(signer));
        _folder.Write("key.pem", signer.Pem());
        File.WriteAllBytes(_folder["bundle.json"], SampleBundles.Render(SampleBundles.Septic, TimeProvider.System.GetUtcNow()));
        _folder.Write("client.py", """
            import json, sys, time, urllib.parse, urllib.request, uuid
            import jwt
            url, key, algorithm, bundle = sys.argv[1], open(sys.argv[2]).read(), sys.argv[3], open(sys.argv[4], "rb").read()

            def call(address, data=None, **headers):
                request = urllib.request.Request(address, data, {name.replace("_", "-"): value for name, value in headers.items()})
                with urllib.request.urlopen(request) as answer:
                    return json.load(answer)

            smart = call(url + "/fhir/.well-known/smart-configuration")
            now = int(time.time())
            assertion = jwt.encode(
                {"iss": "ehr", "sub": "ehr", "aud": smart["token_endpoint"], "exp": now + 240, "iat": now, "jti": str(uuid.uuid4())},
                key, algorithm=algorithm, headers={"kid": "one"})
            token = call(smart["token_endpoint"], urllib.parse.urlencode({
                "grant_type": "client_credentials", "scope": "system/*.rs", "client_assertion": assertion,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}).encode())
            bearer = token["token_type"] + " " + token["access_token"]
            guidance = call(url + "/fhir/Library/sepsis/$evaluate", bundle, Content_Type="application/fhir+json", Authorization=bearer)
            print(json.dumps([algorithm in smart["token_endpoint_auth_signing_alg_values_supported"], token["scope"], guidance["status"]]))
            """);
        await SampleModel.AddAsync(_folder.Path, Smart);
        var added = await HostedNode.RunAsync(_folder.Path, ["requesters", "add", "ehr", "--jwks", _folder["jwks.json"]], Smart);
        Assert.Equal((0, "", ""), added);
        await using var node = await HostedNode.ServeAsync(_folder.Path, Smart);
        var said = await Tool.RunAsync(Python, _folder["client.py"], $"{node.Client.BaseAddress}".TrimEnd('/'), _folder["key.pem"], algorithm, _folder["bundle.json"]);
        Assert.Equal("""[true, "system/Library.rs system/GuidanceResponse.rs", "success"]""", said.Trim());
        Assert.DoesNotContain("eyJ", node.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_takes_public_keys_alone_and_replaces_them()
    {
        var (old, next) = (TokenSigner.Make("one"), TokenSigner.Make("two"));
        _folder.Write("jwks.json", TokenSigner.Jwks(old));
        _folder.Write("next.json", TokenSigner.Jwks(next));
        _folder.Write("private.json", new JsonObject { ["keys"] = new JsonArray(old.PrivateJwk()) }.ToJsonString());
        _folder.Write("nothing.json", "{}");
        foreach (var (keys, words) in new[]
        {
            (_folder["private.json"], "private keys"), (_folder["nothing.json"], "no RSA or EC key"), (_folder["missing.json"], "missing.json"), ("http://idp.example/jwks", "https"), ("https://idp.example/jwks?x=1", "https"),
        })
        {
            var refused = await HostedNode.RunAsync(_folder.Path, ["requesters", "add", "ehr", "--jwks", keys], Smart);
            Assert.True(refused.ExitCode == 2 && refused.Output == "" && refused.Error.Contains(words, StringComparison.Ordinal), $"{keys}: {refused}");
        }

        Assert.Equal(2, (await HostedNode.RunAsync(_folder.Path, ["requesters", "add", "ehr", "--cds-issuer", "https://ehr.example"], Smart)).ExitCode);
        Assert.Equal((0, "", ""), await HostedNode.RunAsync(_folder.Path, ["requesters", "add", "cds", "--cds-issuer", "https://ehr.example", "--jwks", "https://ehr.example/jwks"], Smart));
        Assert.Equal((0, "", ""), await HostedNode.RunAsync(_folder.Path, ["requesters", "add", "ehr", "--jwks", _folder["jwks.json"]], Smart));
        Assert.Equal((0, "", ""), await HostedNode.RunAsync(_folder.Path, ["requesters", "rotate", "ehr", "--jwks", _folder["next.json"]], Smart));
        var listed = (await HostedNode.RunAsync(_folder.Path, ["requesters", "list"], Smart)).Output;
        Assert.Contains("SMART client", listed, StringComparison.Ordinal);
        Assert.Contains("CDS Hooks client", listed, StringComparison.Ordinal);
        Assert.Contains("requester_credential_replaced", (await NodeProcess.RunAsync(_folder.Path, ["audit", "export", "--format", "ndjson"], Smart)).Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
