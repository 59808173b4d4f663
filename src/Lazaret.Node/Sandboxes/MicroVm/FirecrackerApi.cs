using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// What Firecracker is told over its socket, before it starts and to start: its OpenAPI description (v1.17) is among the tests' data. The
/// order matters twice: the start is last, and drives appear in the guest in the order in which they were added.
/// </summary>
internal sealed class FirecrackerApi(string socket) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://localhost/"),
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Where the jailed Firecracker finds the files of a machine.</summary>
    public sealed record Files(string Kernel, string Initramfs, string Root, string Input, string Output, IReadOnlyList<string> Data);

    /// <exception cref="SandboxException">Firecracker refused; the message is its own.</exception>
    public async Task StartAsync(Machine machine, Files files, CancellationToken cancellationToken)
    {
        // One, or an even number.
        var processors = machine.Processors == 1 ? 1 : (machine.Processors + 1) / 2 * 2;
        await PutAsync("machine-config", new MachineConfiguration(processors, machine.MemoryMiB), cancellationToken);
        // The command line that it would choose itself turns modules off, and with them every drive.
        await PutAsync("boot-source", new BootSource(files.Kernel, files.Initramfs, Machine.CommandLine("k")), cancellationToken);
        await AddDriveAsync("root", files.Root, isReadOnly: true, cancellationToken);
        await AddDriveAsync("input", files.Input, isReadOnly: true, cancellationToken);
        await AddDriveAsync("output", files.Output, isReadOnly: false, cancellationToken);
        for (var i = 0; i < files.Data.Count; i++)
            await AddDriveAsync(FormattableString.Invariant($"data{i}"), files.Data[i], isReadOnly: true, cancellationToken);
        await PutAsync("actions", new InstanceActionInfo("InstanceStart"), cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    // None is the root device in Firecracker's sense: the guest boots from its initramfs.
    private Task AddDriveAsync(string name, string path, bool isReadOnly, CancellationToken cancellationToken) =>
        PutAsync($"drives/{name}", new Drive(name, path, IsRootDevice: false, isReadOnly), cancellationToken);

    private async Task PutAsync<T>(string path, T body, CancellationToken cancellationToken)
    {
        // With a length: Firecracker's server reads no chunks.
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, Json));
        content.Headers.ContentType = new("application/json");
        using var response = await _client.PutAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        if (response.IsSuccessStatusCode)
            return;
        var fault = await response.Content.ReadFromJsonAsync<Fault>(Json, cancellationToken);
        throw new SandboxException($"Firecracker refused /{path}: {fault?.FaultMessage}");
    }

    private sealed record MachineConfiguration(int VcpuCount, int MemSizeMib);

    private sealed record BootSource(string KernelImagePath, string InitrdPath, string BootArgs);

    private sealed record Drive(string DriveId, string PathOnHost, bool IsRootDevice, bool IsReadOnly);

    private sealed record InstanceActionInfo(string ActionType);

    private sealed record Fault(string? FaultMessage);
}
