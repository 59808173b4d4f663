using System.IO.Compression;
using System.Net.Sockets;
using Lazaret.Cohort.Faults;
using Lazaret.Node;
using Lazaret.Node.Cli;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Tests.Cli;

/// <summary>What a command says of its input names what is wrong.</summary>
public sealed class FaultWordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_bundle_that_is_gzip_is_named_as_that()
    {
        using (var gzip = new GZipStream(File.Create(_folder["bundle.json"]), CompressionLevel.Fastest))
            gzip.Write("{}"u8);
        Assert.EndsWith(": is compressed by gzip: unpack it", Assert.Throws<InputException>(() => FhirCommands.Read(_folder["bundle.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_empty_is_named_as_that()
    {
        var faults = new FaultList<string>();
        Assert.Null(YamlObject.Parse("image: \"\"", faults)!.Text("image", required: true));
        Assert.Equal("line 1, column 8: image: is empty", Assert.Single(faults));
    }

    [Fact]
    public void A_fault_of_the_database_is_said_in_its_own_words_and_not_in_those_of_what_wraps_it()
    {
        var damage = new SqliteException("SQLite Error 11: 'database disk image is malformed'.", 11);
        Assert.Equal(damage.Message, DatabaseWords.Of(new DbUpdateException("An error occurred while saving the entity changes. See the inner exception for details.", damage)));
        Assert.Equal(
            "Failed to connect to 127.0.0.1:1: Connection refused",
            DatabaseWords.Of(new InvalidOperationException("likely due to a transient failure", new NpgsqlException("Failed to connect to 127.0.0.1:1", new SocketException((int)SocketError.ConnectionRefused)))));
        Assert.Equal("a disk", DatabaseWords.Of(new IOException("a disk", new IOException("of a machine"))));
    }

    public void Dispose() => _folder.Dispose();
}
