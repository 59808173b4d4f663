using System.Formats.Tar;
using System.Security.Cryptography;
using Lazaret.Node;
using Lazaret.Node.Images;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;
using Lazaret.Tests.Images;

namespace Lazaret.Tests.Models;

/// <summary>Whose signatures over a model's image count.</summary>
public sealed class ModelSignatureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signature_is_checked_again_with_the_image()
    {
        var options = Trusting(_key);
        await using var node = await TestNode.StartAsync(options);
        var registry = node.Get<ModelRegistry>();
        var programs = node.Get<ProgramRegistry>();
        var manifest = WriteModel("1.0.0", signed: true);
        ImageSignature.Write(_folder["image.sig"], ImageDigest.Of(_folder["image"]), _key);
        var model = await registry.AddAsync(manifest, Stop);
        Assert.Null(programs.FaultOf(model.Row));

        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Trusting(stranger);
        Assert.Contains("no trusted key", programs.FaultOf(model.Row), StringComparison.Ordinal);
        Trusting(_key);
        File.Delete(Assert.Single(Directory.EnumerateFiles(node.Get<StateFolder>().Models, "*.sig")));
        Assert.Contains("its file is gone", programs.FaultOf(model.Row), StringComparison.Ordinal);
        await File.AppendAllTextAsync(Path.Combine(model.Root, "more"), "", Stop);
        Assert.Contains("CHANGED", programs.FaultOf(model.Row), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_by_a_trusted_key_is_kept_with_the_model()
    {
        await using var node = await TestNode.StartAsync(Trusting(_key));
        var manifest = WriteModel("1.0.0", signed: true);
        ImageSignature.Write(_folder["image.sig"], ImageDigest.Of(_folder["image"]), _key);
        var fingerprint = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
        Assert.Equal(fingerprint, (await node.Get<ModelRegistry>().AddAsync(manifest, Stop)).Row.SignedBy);
    }

    [Fact]
    public async Task A_signature_by_another_key_or_over_another_image_is_refused()
    {
        await using var node = await TestNode.StartAsync(Trusting(_key));
        var manifest = WriteModel("1.0.0", signed: true);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ImageSignature.Write(_folder["image.sig"], ImageDigest.Of(_folder["image"]), stranger);
        Assert.Contains("no trusted key", (await Refuse()).Message, StringComparison.Ordinal);
        ImageSignature.Write(_folder["image.sig"], "sha256:00", _key);
        Assert.Contains("another image", (await Refuse()).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["image.sig"], "{}", Stop);
        Assert.Contains("not readable", (await Refuse()).Message, StringComparison.Ordinal);
        File.Delete(_folder["image.sig"]);
        Assert.Contains("signature: there is no folder or file ./image.sig", (await Refuse()).Message, StringComparison.Ordinal);

        Task<InputException> Refuse() => Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(manifest, Stop));
    }

    [Fact]
    public async Task Where_signatures_are_required_an_unsigned_model_is_refused()
    {
        var options = Trusting(_key);
        await using var node = await TestNode.StartAsync(options with { Models = options.Models with { RequireSignature = true } });
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(WriteModel("1.0.0"), Stop));
        Assert.Contains("RequireSignature", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_oci_image_is_pinned_by_its_manifest_and_by_what_it_unpacks_to(bool archive)
    {
        await using var node = await TestNode.StartAsync(Trusting(_key));
        var manifest = WriteModel("1.0.0", signed: true);
        Directory.Delete(_folder["image"], recursive: true);
        var layout = Directory.CreateDirectory(_folder[archive ? "layout" : "image"]).FullName;
        var image = new OciImageFile(layout) { Environment = ["SECRET_SAUCE=1"] }.Layer(OciImageFile.FileEntry("model/run", "#!/bin/sh\n"));
        image.Write();
        if (archive)
            await TarFile.CreateFromDirectoryAsync(layout, _folder["image"], includeBaseDirectory: false, Stop);
        // As cosign does: over the digest of the image's manifest.
        ImageSignature.Write(_folder["image.sig"], image.Digest, _key);

        var model = await node.Get<ModelRegistry>().AddAsync(manifest, Stop);
        Assert.Equal(image.Digest, model.Row.Digest);
        Assert.Equal(ImageDigest.Of(model.Root), model.Row.Content);
        Assert.Equal("1", ProgramRun.Environment(model.Row)["SECRET_SAUCE"]);
        Assert.Equal("mine", ProgramRun.Environment(model.Row, ("SECRET_SAUCE", "mine"))["SECRET_SAUCE"]);
        Assert.Null(node.Get<ProgramRegistry>().FaultOf(model.Row));
        await File.AppendAllTextAsync(Path.Combine(model.Root, "more"), "", Stop);
        Assert.Contains("CHANGED", node.Get<ProgramRegistry>().FaultOf(model.Row), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private NodeOptions Trusting(ECDsa key)
    {
        File.WriteAllText(_folder["key.pem"], key.ExportSubjectPublicKeyInfoPem());
        return new NodeOptions { Models = new ProgramOptions { TrustedKeys = [_folder["key.pem"]] } };
    }

    private string WriteModel(string version, bool signed = false) => TinyModel.Write(_folder, version, signed: signed);
}
