using System.Net;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Audit.Chain;

/// <summary>Checkpoints stamped by a time-stamping authority: OpenSSL's.</summary>
public sealed class TimestampTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpListener _authority = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Close();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_checkpoint_is_stamped_and_a_stamp_of_something_else_is_named()
    {
        await using var node = await StartAsync(_ => true);
        var checkpoint = await SignAsync(node);
        await node.Get<TimestampAuthority>().StampAsync(checkpoint, Stop);

        var report = await node.Get<ChainVerification>().RunAsync(1, given: null, Stop);
        Assert.Empty(report.Faults);
        Assert.Equal((checkpoint.Number, "CN=A stamp for tests"), (report.Stamp!.Link, report.Stamp.By));
        Assert.Equal(TimeProvider.System.GetUtcNow(), report.Stamp.At, TimeSpan.FromMinutes(5));

        // As an auditor does it without Lazaret.
        var lines = await File.ReadAllLinesAsync(node.Get<CheckpointCopies>().File!, Stop);
        await File.WriteAllTextAsync(_folder["checkpoint"], lines[^2], Stop);
        await File.WriteAllBytesAsync(_folder["token"], CheckpointStamp.Read(lines[^1])!.Token, Stop);
        await Tool.RunAsync("openssl", "ts", "-verify", "-data", _folder["checkpoint"], "-in", _folder["token"], "-token_in", "-CAfile", _folder["tsa.pem"]);

        var other = await SignAsync(node);
        node.Get<CheckpointCopies>().Add(CheckpointStamp.Read(lines[^1])! with { Number = other.Number });
        var fault = Assert.Single((await node.Get<ChainVerification>().RunAsync(1, given: null, Stop)).Faults);
        Assert.Equal((ChainFault.Checkpoint, other.Number), (fault.Kind, fault.Link));
    }

    [Fact]
    public async Task An_authority_that_fails_costs_no_checkpoint_and_one_line_in_the_log()
    {
        await using var node = await StartAsync(_ => false);
        var log = new LogLines<TimestampAuthority>();
        using (var authority = new TimestampAuthority(new AuditOptions { TimestampUrl = _authority.Prefixes.Single() }, node.Get<CheckpointCopies>(), log))
        {
            foreach (var _ in (int[])[1, 2])
                await authority.StampAsync(await SignAsync(node), Stop);
        }

        // Said once, not at each checkpoint.
        Assert.Contains("500", Assert.Single(log.All), StringComparison.Ordinal);
        var report = await node.Get<ChainVerification>().RunAsync(1, given: null, Stop);
        Assert.Empty(report.Faults);
        Assert.Null(report.Stamp);
    }

    private static async Task<AuditCheckpoint> SignAsync(TestNode node)
    {
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], Stop);
        return (await node.Get<Checkpoints>().SignAsync(now: true, Stop))!;
    }

    private async Task<TestNode> StartAsync(Func<HttpListenerRequest, bool> answers)
    {
        await File.WriteAllTextAsync(
            _folder["tsa.cnf"],
            $"""
            [tsa]
            default_tsa = it
            [it]
            serial = {_folder["serial"]}
            signer_cert = {_folder["tsa.pem"]}
            signer_key = {_folder["tsa.key"]}
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            digests = sha256
            """,
            Stop);
        await Tool.RunAsync(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", _folder["tsa.key"], "-out", _folder["tsa.pem"], "-days", "2", "-subj", "/CN=A stamp for tests",
            "-addext", "extendedKeyUsage=critical,timeStamping");
        var address = $"http://127.0.0.1:{ServerProcess.FreePort()}/";
        _authority.Prefixes.Add(address);
        _authority.Start();
        _ = ServeAsync(answers);
        var node = await TestNode.StartAsync(new NodeOptions { Audit = new AuditOptions { TimestampUrl = address } });
        await node.Get<ChainStart>().RunAsync(Stop);
        return node;
    }

    private async Task ServeAsync(Func<HttpListenerRequest, bool> answers)
    {
        while (_authority.IsListening && await _authority.GetContextAsync() is { } call)
        {
            if (answers(call.Request))
            {
                await using (var query = File.Create(_folder["query"]))
                    await call.Request.InputStream.CopyToAsync(query, Stop);
                await Tool.RunAsync("openssl", "ts", "-reply", "-config", _folder["tsa.cnf"], "-queryfile", _folder["query"], "-out", _folder["reply"]);
                await call.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(_folder["reply"], Stop), Stop);
            }
            else
            {
                call.Response.StatusCode = 500;
            }

            call.Response.Close();
        }
    }
}
