using System.Security.Cryptography;
using Lazaret.Node.Cli;
using Lazaret.Node.Configuration;
using Lazaret.Node.Models;

namespace Lazaret.Tests.Models;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_kept_by_digest_and_cannot_be_written_to()
    {
        await using var node = await TestNode.StartAsync();
        var added = await node.Get<ModelRegistry>().AddAsync(WriteModel("1.0.0"), Stop);

        Assert.Equal(ImageDigest.Of(_folder["image"]), added.Row.Digest);
        Assert.Equal(ImageDigest.Of(added.Root), added.Row.Digest);
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(Path.Combine(added.Root, "model/run")) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
        Assert.Equal("sepsis@1.0.0", Assert.Single(await node.Get<ModelRegistry>().ListAsync(Stop)).Name);
    }

    [Fact]
    public async Task The_digest_sees_every_byte_name_link_and_mode()
    {
        WriteModel("1.0.0");
        var digests = new HashSet<string> { ImageDigest.Of(_folder["image"]) };
        await File.AppendAllTextAsync(Path.Combine(_folder["image"], "model/run"), "x", Stop);
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        File.Move(Path.Combine(_folder["image"], "model/run"), Path.Combine(_folder["image"], "model/Run"));
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        File.SetUnixFileMode(Path.Combine(_folder["image"], "model/Run"), UnixFileMode.UserRead);
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        File.CreateSymbolicLink(Path.Combine(_folder["image"], "model/link"), "Run");
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
        Directory.CreateDirectory(Path.Combine(_folder["image"], "empty"));
        Assert.True(digests.Add(ImageDigest.Of(_folder["image"])));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../outside")]
    public async Task A_link_that_leaves_the_image_is_refused(string target)
    {
        await using var node = await TestNode.StartAsync();
        var manifest = WriteModel("1.0.0");
        File.CreateSymbolicLink(Path.Combine(_folder["image"], "model/link"), target);
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(manifest, Stop));
        Assert.Contains("a link that leaves it: model/link", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fifo_in_an_image_is_refused()
    {
        await using var node = await TestNode.StartAsync();
        var manifest = WriteModel("1.0.0");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", Path.Combine(_folder["image"], "model/pipe")))
            await mkfifo.WaitForExitAsync(Stop);
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ModelRegistry>().AddAsync(manifest, Stop));
        Assert.Contains("neither regular, folder nor link: model/pipe", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_never_changes()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        await registry.AddAsync(WriteModel("1.0.0"), Stop);
        await Assert.ThrowsAsync<InputException>(() => registry.AddAsync(WriteModel("1.0.0", program: "another"), Stop));
        await registry.AddAsync(WriteModel("1.0.1", program: "another"), Stop);
        Assert.Equal(2, (await registry.ListAsync(Stop)).Count);
    }

    [Fact]
    public async Task Versions_are_listed_by_accuracy_and_then_by_number()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        await registry.AddAsync(WriteModel("1.9.0", accuracy: "0.8"), Stop);
        await registry.AddAsync(WriteModel("1.10.0", accuracy: "0.8"), Stop);
        await registry.AddAsync(WriteModel("1.0.0", accuracy: "0.9"), Stop);
        Assert.Equal(["1.0.0", "1.10.0", "1.9.0"], (await registry.ListAsync(Stop)).Select(model => model.Row.Version));
    }

    [Fact]
    public async Task Removing_the_last_version_of_an_image_removes_the_image()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        var first = await registry.AddAsync(WriteModel("1.0.0"), Stop);
        await registry.AddAsync(WriteModel("1.0.1"), Stop);

        Assert.True(await registry.RemoveAsync("sepsis", "1.0.0", Stop));
        Assert.True(Directory.Exists(first.Root));
        Assert.True(await registry.RemoveAsync("sepsis", "1.0.1", Stop));
        Assert.False(Directory.Exists(first.Root));
        Assert.False(await registry.RemoveAsync("sepsis", "1.0.1", Stop));
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
        Assert.Contains("not readable", (await Refuse()).Message, StringComparison.Ordinal);

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

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private NodeOptions Trusting(ECDsa key)
    {
        File.WriteAllText(_folder["key.pem"], key.ExportSubjectPublicKeyInfoPem());
        return new NodeOptions { Models = new ModelOptions { TrustedKeys = [_folder["key.pem"]] } };
    }

    private string WriteModel(string version, string accuracy = "0.9", string program = "#!/bin/sh\n", bool signed = false)
    {
        var run = Path.Combine(_folder["image"], "model/run");
        Directory.CreateDirectory(Path.GetDirectoryName(run)!);
        File.WriteAllText(run, program);
        File.SetUnixFileMode(run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(_folder["manifest.yaml"], $$$"""
            key: sepsis
            version: {{{version}}}
            accuracy: {{{accuracy}}}
            image: ./image
            command: [/model/run]
            output: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}
            {{{(signed ? "signature: ./image.sig" : "")}}}
            """);
        return _folder["manifest.yaml"];
    }
}
