using System.Net.Sockets;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lazaret.Tests.Audit.Chain;

/// <summary>Checkpoints in the machine's syslog: a datagram each, as RFC 5424's priority for an audit's notice, and a syslog that is away costs a line in the log alone.</summary>
public sealed class CheckpointSyslogTests : IDisposable
{
    private static readonly AuditCheckpoint Checkpoint = AuditCheckpoint.Of(new AuditCheckpoint { Number = 7, Hash = new byte[32], Milliseconds = 1, PublicKey = [1, 2, 3] }, [4, 5, 6]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_checkpoint_is_sent_and_can_be_read_again_from_what_was_sent()
    {
        var copies = new CheckpointCopies(new StateFolder(_folder.Path, 0), new AuditOptions { CheckpointSyslog = true }, NullLogger<CheckpointCopies>.Instance) { Syslog = _folder["log"] };
        copies.Add(Checkpoint);
        Assert.Equal(7, Assert.Single(copies.Read()).Number);

        using var syslog = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        syslog.Bind(new UnixDomainSocketEndPoint(_folder["log"]));
        copies.Add(Checkpoint);
        var datagram = new byte[4096];
        var length = await syslog.ReceiveAsync(datagram, TestContext.Current.CancellationToken);
        var line = Encoding.ASCII.GetString(datagram, 0, length);
        Assert.StartsWith("<109>lazaret: audit checkpoint {", line, StringComparison.Ordinal);
        Assert.Equal(Checkpoint.Write(), CheckpointText.Read(line[line.IndexOf('{', StringComparison.Ordinal)..])?.Write());
    }

    [Fact]
    public void One_copy_that_cannot_be_made_leaves_the_other_and_is_a_line_in_the_log_until_it_is_made_again()
    {
        var log = new LogLines<CheckpointCopies>();
        var copies = new CheckpointCopies(new StateFolder(_folder.Path, 0), new AuditOptions { CheckpointSyslog = true, CheckpointFile = "copies" }, log) { Syslog = _folder["log"] };
        using var syslog = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        syslog.Bind(new UnixDomainSocketEndPoint(_folder["log"]));
        Directory.CreateDirectory(_folder["copies"]);
        copies.Add(Checkpoint);
        copies.Add(Checkpoint);
        Assert.True(syslog.Poll(TimeSpan.Zero, SelectMode.SelectRead));
        Assert.Contains("to their file", Assert.Single(log.All), StringComparison.Ordinal);

        Directory.Delete(_folder["copies"]);
        syslog.Close();
        copies.Add(Checkpoint);
        Assert.Equal(Checkpoint.Number, Assert.Single(copies.Read()).Number);
        Assert.Collection(
            log.All.Skip(1),
            line => Assert.Contains("to their file: no longer", line, StringComparison.Ordinal),
            line => Assert.Contains("to the syslog: ", line, StringComparison.Ordinal));
    }
}
