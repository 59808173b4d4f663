using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// Makes the guest system out of the distribution's kernel package and our init. The same sources make the same bytes, and are not made
/// twice.
/// </summary>
/// <param name="folder">Where it is installed.</param>
/// <param name="boot">Where kernel packages put their kernel: <c>/boot</c>.</param>
/// <param name="modules">Where they put their modules: <c>/lib/modules</c>.</param>
internal sealed class GuestBuild(string folder, string boot = "/boot", string modules = "/lib/modules")
{
    private const string KernelPrefix = "vmlinuz-";
    private const string Flavor = "-cloud-amd64";

    /// <summary>In the order in which the init loads them, and unstripped: the kernel checks their signatures.</summary>
    private static readonly string[] Modules =
    [
        "kernel/drivers/virtio/virtio_ring.ko", "kernel/drivers/virtio/virtio.ko", "kernel/drivers/virtio/virtio_mmio.ko",
        "kernel/drivers/block/virtio_blk.ko", "kernel/fs/squashfs/squashfs.ko",
    ];

    /// <summary>
    /// 1. Finds the newest kernel package and the tools. 2. Stops where all of it was built already. 3. Unpacks the kernel. 4. Compiles the
    /// init. 5. Packs the initramfs. 6. Installs both at once.
    /// </summary>
    /// <param name="said">Told what is being done.</param>
    /// <exception cref="MissingException">A package is missing; the message names it.</exception>
    public async Task<GuestSystem> RunAsync(Action<string> said, CancellationToken cancellationToken)
    {
        // 1.
        var release = FindRelease();
        if (Tools.Missing("gcc", "lz4").ToArray() is [_, ..] missing)
            throw new MissingException($"{string.Join(" and ", missing)} not found: apt install gcc libc6-dev lz4");
        var image = await File.ReadAllBytesAsync(Path.Join(boot, KernelPrefix + release), cancellationToken);
        var moduleFiles = new List<(string Name, byte[] Bytes)>();
        foreach (var module in Modules)
            moduleFiles.Add((Path.GetFileName(module), await ReadModuleAsync(release, module, cancellationToken)));
        var init = Resource("init.c");
        var filter = SeccompFilter.Compile(SeccompProfile.Shipped);
        var compiler = Encoding.UTF8.GetString((await ToolAsync("gcc", ["--version"], default, cancellationToken)).Span).Split('\n')[0];

        // 2.
        var sources = Digest([image, .. moduleFiles.Select(module => new ReadOnlyMemory<byte>(module.Bytes)), init, filter, Encoding.UTF8.GetBytes(compiler)]);
        if (GuestSystem.Read(folder) is { } built && built.Sources == sources)
        {
            said($"{release} is built already");
            return built;
        }

        // 3.
        said($"unpacking the kernel {release}");
        var kernel = await ToolAsync("lz4", ["-d", "-c"], Payload(image, release), cancellationToken);

        // 4.
        said($"compiling the init with {compiler}");
        var program = await CompileAsync(init, cancellationToken);

        // 5.
        said("packing the initramfs");
        var initramfs = Pack(program, filter, moduleFiles);

        // 6.
        Directory.CreateDirectory(folder);
        var system = new GuestSystem(release, compiler, sources, Digest(kernel), Digest(initramfs));
        await WriteAsync(GuestSystem.KernelPath(folder, system.Kernel), kernel, cancellationToken);
        await WriteAsync(GuestSystem.InitramfsPath(folder, system.Initramfs), initramfs, cancellationToken);
        ImageWriter.CreateFolder(GuestSystem.NoOpRoot(folder));
        await WriteAsync(Path.Join(GuestSystem.NoOpRoot(folder), "init"), program, cancellationToken, isProgram: true);
        system.Install(folder);
        return system;
    }

    private string FindRelease()
    {
        var releases = Directory.Exists(boot)
            ? Directory.EnumerateFiles(boot, $"{KernelPrefix}*{Flavor}").Select(path => Path.GetFileName(path)[KernelPrefix.Length..])
            : [];
        return releases.Where(release => Directory.Exists(Path.Join(modules, release))).MaxBy(SortKey, StringComparer.Ordinal)
            ?? throw new MissingException($"no kernel {boot}/{KernelPrefix}*{Flavor} with its modules: apt install linux-image-cloud-amd64");
    }

    /// <summary>6.1.0-9 comes before 6.1.0-10.</summary>
    private static string SortKey(string release) => string.Join('.', release.Split('.', '-').Select(part => part.PadLeft(8, '0')));

    private async Task<byte[]> ReadModuleAsync(string release, string module, CancellationToken cancellationToken)
    {
        var path = Path.Join(modules, release, module);
        return File.Exists(path)
            ? await File.ReadAllBytesAsync(path, cancellationToken)
            : throw new MissingException($"{path} is missing: the kernel {release} keeps its modules another way, and cannot be used");
    }

    /// <summary>The compressed ELF file in a bzImage (Linux's Documentation/x86/boot.rst), less the size that stands after it.</summary>
    private static ReadOnlyMemory<byte> Payload(byte[] image, string release)
    {
        const uint Lz4Legacy = 0x184C2102;
        const int SizeBytes = 4;
        if (image.Length < 0x260 || !image.AsSpan(0x202, 4).SequenceEqual("HdrS"u8))
            throw new MissingException($"{KernelPrefix}{release} is no kernel for x86-64");
        var setupSectors = image[0x1f1] == 0 ? 4 : image[0x1f1];
        var offset = ((long)setupSectors + 1) * 512 + BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(0x248));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(0x24c));
        if (length <= SizeBytes || offset + length > image.Length)
            throw new MissingException($"{KernelPrefix}{release} is cut short");
        return BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan((int)offset)) == Lz4Legacy
            ? image.AsMemory((int)offset, (int)length - SizeBytes)
            : throw new MissingException($"{KernelPrefix}{release} is not compressed with LZ4, as Debian's are");
    }

    private static async Task<byte[]> CompileAsync(byte[] source, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("lazaret-init-");
        try
        {
            var program = Path.Join(scratch.FullName, "init");
            await ToolAsync("gcc", ["-static", "-Os", "-s", "-Wall", "-Werror", "-x", "c", "-o", program, "-"], source, cancellationToken);
            return await File.ReadAllBytesAsync(program, cancellationToken);
        }
        finally
        {
            FolderDeletion.Delete(scratch.FullName);
        }
    }

    private static byte[] Pack(byte[] init, byte[] filter, List<(string Name, byte[] Bytes)> moduleFiles)
    {
        var stream = new MemoryStream();
        var archive = new CpioArchive(stream);
        archive.AddFile("init", init, isProgram: true);
        archive.AddFile("seccomp", filter);
        archive.AddFolder("modules");
        foreach (var (name, bytes) in moduleFiles)
            archive.AddFile($"modules/{name}", bytes);
        archive.AddFile("modules/order", Encoding.ASCII.GetBytes(string.Concat(moduleFiles.Select(module => $"{module.Name}\n"))));
        archive.End();
        return stream.ToArray();
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken, bool isProgram = false)
    {
        var unfinished = $"{path}.new";
        await File.WriteAllBytesAsync(unfinished, bytes, cancellationToken);
        SharedFile.Install(unfinished, path, isProgram);
    }

    private static string Digest(params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(part.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(GuestBuild).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static async Task<ReadOnlyMemory<byte>> ToolAsync(string tool, string[] arguments, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo(Tools.Path(tool), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await using var killing = cancellationToken.UnsafeRegister(_ => process.Kill(), state: null);
        var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None);
        var said = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output.GetBuffer().AsMemory(0, (int)output.Length)
            : throw new MissingException($"{tool} failed: {(await said).Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? $"exit code {process.ExitCode}"}");
    }
}
