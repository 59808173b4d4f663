using System.Security.Cryptography;
using System.Text;
using Lazaret.Node;
using Lazaret.Node.Images;

namespace Lazaret.Tests.Images;

/// <summary>Signature files and trusted keys that are none.</summary>
public sealed class ImageSignatureTests : IDisposable
{
    private const string Digest = "sha256:00";
    private readonly TemporaryFolder _folder = new();

    public ImageSignatureTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder["key.pem"], key.ExportSubjectPublicKeyInfoPem());
        ImageSignature.Write(_folder["image.sig"], Digest, key);
    }

    [Fact]
    public void A_byte_order_mark_is_read()
    {
        File.WriteAllBytes(_folder["image.sig"], [.. "\uFEFF"u8, .. File.ReadAllBytes(_folder["image.sig"])]);
        Assert.StartsWith("sha256:", ImageSignature.Verify(File.ReadAllBytes(_folder["image.sig"]), Digest, [_folder["key.pem"]], out _), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Payload":"e30=","Payload":"e30=","Base64Signature":""}""")]
    [InlineData("""{"Payload":[],"Base64Signature":{}}""")]
    [InlineData("[]")]
    [InlineData("deep")]
    public void What_is_no_signature_is_refused(string content)
    {
        var file = content == "deep" ? new string('[', 60_000) : content;
        Assert.Null(ImageSignature.Verify(Encoding.UTF8.GetBytes(file), Digest, [_folder["key.pem"]], out var why));
        Assert.Equal("the signature file is not readable as {\"Base64Signature\",\"Payload\"}", why);
    }

    [Theory]
    [InlineData("pipe", "is no regular file")]
    [InlineData("text", "holds no public key in PEM")]
    public void A_trusted_key_that_is_none_is_named(string kind, string why)
    {
        if (kind == "pipe")
            _folder.MakePipe(kind);
        else
            _folder.Write(kind, "no key");
        var refusal = Assert.Throws<InputException>(() => ImageSignature.Verify(File.ReadAllBytes(_folder["image.sig"]), Digest, [_folder[kind]], out _));
        Assert.Equal($"Lazaret:Models:TrustedKeys: {_folder[kind]}: {why}", refusal.Message);
    }

    public void Dispose() => _folder.Dispose();
}
