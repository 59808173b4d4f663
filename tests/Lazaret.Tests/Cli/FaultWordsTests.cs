using System.IO.Compression;
using Lazaret.Cohort.Faults;
using Lazaret.Node;
using Lazaret.Node.Cli;
using Lazaret.Node.Programs;

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

    public void Dispose() => _folder.Dispose();
}
