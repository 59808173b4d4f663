using System.Text.Json;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.MicroVm;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lazaret.Tests.Sandboxes;

/// <summary>What the driver says to Firecracker, compared with Firecracker's own description of its API.</summary>
public sealed class FirecrackerTests
{
    private static readonly OpenApiContract Contract = new(Path.Join(AppContext.BaseDirectory, "Sandboxes/data/firecracker.yaml"));

    private static readonly Machine Machine = new(
        "run", "/k", "/i", MemoryMiB: 256, Processors: 1, Root: "/r", Input: () => [], Data: ["/a", "/b"], Reach: [], Timeout: TimeSpan.FromSeconds(1));

    private static readonly FirecrackerApi.Files Files = new("/kernel", "/initramfs", "/image", "/input", "/output", ["/data0", "/data1"]);

    [Fact]
    public async Task Every_request_is_as_described_and_they_come_in_order()
    {
        var requests = await StartAsync(Machine);
        Assert.All(requests, request => Assert.Empty(Contract.Faults(request.Method, request.Path, request.Body)));
        Assert.Equal(
            [
                "PUT /machine-config", "PUT /boot-source", "PUT /drives/root", "PUT /drives/input", "PUT /drives/output", "PUT /drives/data0",
                "PUT /drives/data1", "PUT /actions",
            ],
            requests.Select(request => $"{request.Method} {request.Path}"));
        Assert.All(requests, request => Assert.True(request.HasLength));
    }

    [Fact]
    public async Task Only_the_output_drive_can_be_written_and_none_is_a_root_device()
    {
        var drives = (await StartAsync(Machine)).Where(request => request.Path.StartsWith("/drives/", StringComparison.Ordinal)).Select(request => request.Body).ToArray();
        Assert.Equal(["/output"], from drive in drives where !drive.GetProperty("is_read_only").GetBoolean() select drive.GetProperty("path_on_host").GetString());
        Assert.DoesNotContain(drives, drive => drive.GetProperty("is_root_device").GetBoolean());
    }

    [Fact]
    public async Task The_kernel_is_told_to_load_modules_and_to_reset_by_the_keyboard_controller()
    {
        var source = (await StartAsync(Machine)).Single(request => request.Path == "/boot-source").Body;
        var arguments = source.GetProperty("boot_args").GetString()!.Split(' ');
        Assert.Contains("reboot=k", arguments);
        Assert.DoesNotContain("nomodule", arguments);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    public async Task Processors_are_one_or_an_even_number(int wanted, int given)
    {
        var configuration = (await StartAsync(Machine with { Processors = wanted })).Single(request => request.Path == "/machine-config").Body;
        Assert.Equal(given, configuration.GetProperty("vcpu_count").GetInt32());
    }

    [Theory]
    [InlineData("/machine-config", """{"vcpu_count":1}""", "lacks mem_size_mib")]
    [InlineData("/machine-config", """{"vcpu_count":33,"mem_size_mib":1}""", "bounds")]
    [InlineData("/machine-config", """{"vcpu_count":"1","mem_size_mib":1}""", "integer")]
    [InlineData("/boot-source", """{"kernel_image_path":"/k","initrd":"/i"}""", "unknown member initrd")]
    [InlineData("/drives/a", """{"drive_id":"b","is_root_device":false}""", "differs from the path")]
    [InlineData("/actions", """{"action_type":"Start"}""", "none of the values")]
    [InlineData("/start", "{}", "there is no /start")]
    public void The_description_catches_what_is_wrong(string path, string body, string fault) =>
        Assert.Contains(Contract.Faults("PUT", path, JsonDocument.Parse(body).RootElement), found => found.Contains(fault, StringComparison.Ordinal));

    [Fact]
    public async Task A_refusal_is_passed_on_and_ends_the_start()
    {
        var requests = new List<Request>();
        var fault = await Assert.ThrowsAsync<SandboxException>(() => StartAsync(Machine, requests, refused: "/drives/input"));
        Assert.Equal("Firecracker refused /drives/input: no such drive", fault.Message);
        Assert.Equal("/drives/input", requests[^1].Path);
    }

    [Fact]
    public void The_jailer_gives_it_a_user_id_a_root_and_namespaces_that_end_with_the_node()
    {
        var command = string.Join(' ', FirecrackerDriver.Command("lazaret-95000", 95_000, "/run/jails"));
        Assert.Contains("setpriv --pdeathsig KILL -- /bin/sh -c \"$@\"; exit $? lazaret-sandbox ", command, StringComparison.Ordinal);
        Assert.EndsWith("jailer --id lazaret-95000 --exec-file firecracker --uid 95000 --gid 95000 --chroot-base-dir /run/jails -- --api-sock /api.socket", command, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_is_missing_one_line_says_so()
    {
        var driver = new FirecrackerDriver(new SandboxOptions(), new KvmProbe("/nowhere"), TimeProvider.System);
        Assert.SkipWhen(driver.Missing() is null, "Firecracker is installed here");
        var missing = driver.Missing()!;
        Assert.DoesNotContain('\n', missing);
        Assert.Contains("set Lazaret:Sandbox:MicroVm:Driver to qemu", missing, StringComparison.Ordinal);
        Assert.Equal(missing, (await Assert.ThrowsAsync<SandboxException>(() => driver.RunAsync(Machine, TestContext.Current.CancellationToken))).Message);
    }

    private sealed record Request(string Method, string Path, bool HasLength, JsonElement Body);

    private static async Task<List<Request>> StartAsync(Machine machine)
    {
        var requests = new List<Request>();
        await StartAsync(machine, requests, refused: null);
        return requests;
    }

    /// <summary>A server on a socket of its own, that answers as Firecracker does.</summary>
    private static async Task StartAsync(Machine machine, List<Request> requests, string? refused)
    {
        using var folder = new TemporaryFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.ListenUnixSocket(folder["api.socket"]));
        await using var application = builder.Build();
        application.Run(async context =>
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
            requests.Add(new Request(context.Request.Method, context.Request.Path, context.Request.ContentLength > 0, body));
            context.Response.StatusCode = context.Request.Path == refused ? 400 : 204;
            if (context.Request.Path == refused)
                await context.Response.WriteAsync("""{"fault_message":"no such drive"}""", context.RequestAborted);
        });
        await application.StartAsync(TestContext.Current.CancellationToken);
        using var api = new FirecrackerApi(folder["api.socket"]);
        await api.StartAsync(machine, Files, TestContext.Current.CancellationToken);
    }
}
