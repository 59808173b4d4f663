using System.Security.Cryptography;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Delivery;
using Lazaret.Node.Identity;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.SampleSite;

namespace Lazaret.Node.Cli.Demo;

/// <summary>A throw-away node with a synthetic site and a signed sample model, listening on a free loopback port.</summary>
internal sealed class DemoNode : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly WebApplication _node;
    private readonly string _model;

    private DemoNode(DirectoryInfo folder, WebApplication node, string model, DemoReceiver receiver, PlantedTruth truth, string sandbox, IReadOnlyList<string> lacks)
    {
        _folder = folder;
        _node = node;
        _model = model;
        Receiver = receiver;
        Truth = truth;
        Sandbox = sandbox;
        SandboxLacks = lacks;
        Client = new HttpClient { BaseAddress = new Uri(node.Urls.First()) };
    }

    public PlantedTruth Truth { get; }

    public string Sandbox { get; }

    /// <summary>What the sandbox cannot enforce here, a line each.</summary>
    public IReadOnlyList<string> SandboxLacks { get; }

    /// <summary>Where the requester is told that its jobs are over.</summary>
    public DemoReceiver Receiver { get; }

    /// <summary>A requester: it knows the node by its address alone.</summary>
    public HttpClient Client { get; }

    public static async Task<DemoNode> StartAsync(Settings settings, CancellationToken cancellationToken)
    {
        // Of what the user has configured only the sandbox: the rest are the embedded defaults.
        var configuration = settings.Configuration;
        var sandboxes = LazaretConfiguration.Read(configuration).Sandbox;
        var folder = Directory.CreateTempSubdirectory("lazaret-demo-");
        try
        {
            return await StartAsync(folder, sandboxes, configuration, cancellationToken);
        }
        catch
        {
            FolderDeletion.Delete(folder.FullName);
            throw;
        }
    }

    private static async Task<DemoNode> StartAsync(DirectoryInfo folder, SandboxOptions sandboxes, IConfiguration configuration, CancellationToken cancellationToken)
    {
        var truth = await MakeSiteAsync(folder.FullName, cancellationToken);
        SharedFile.MakeReadable([truth.View, .. Directory.EnumerateFileSystemEntries(truth.View, "*", SearchOption.AllDirectories)]);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var publicKey = Path.Combine(folder.FullName, "maker.pem");
        await File.WriteAllTextAsync(publicKey, key.ExportSubjectPublicKeyInfoPem(), cancellationToken);
        var options = new NodeOptions
        {
            // The demo must run on every machine. Its programs are the project's own, and it prints what the sandbox cannot enforce.
            Sandbox = sandboxes with { AllowUnboundedMemory = true },
            Site = new SiteOptions { Name = "Synthetic ward" },
            Data = new DataOptions { View = truth.View },
            State = Path.Combine(folder.FullName, "state"),
            Models = new ProgramOptions { TrustedKeys = [publicKey], RequireSignature = true },
            Webhooks = new WebhookOptions { Allow = ["127.0.0.1"] },
            Disclosure = new DisclosureOptions { Review = new ReviewOptions { Requesters = [DemoScene.Researcher] } },
        };

        var node = await NodeHost.BuildAsync(options, configuration, ["http://127.0.0.1:0"], NodeRole.All, cancellationToken, LogLevel.Error);
        var model = await SignSampleAsync(folder.FullName, key, cancellationToken);
        await node.Services.GetRequiredService<ModelRegistry>().AddAsync(model, cancellationToken);
        await node.StartAsync(cancellationToken);
        var receiver = await DemoReceiver.StartAsync(cancellationToken);
        receiver.Secret = await node.Services.GetRequiredService<WebhookSecrets>().RotateAsync(Requester.Local.Name, TimeSpan.Zero, AuditEntry.Operator, cancellationToken);
        var backends = node.Services.GetRequiredService<SandboxBackends>();
        var sandbox = await backends.ChooseAsync(cancellationToken);
        return new DemoNode(folder, node, model, receiver, truth, sandbox.Name, (await backends.ProbeOfChosenAsync(cancellationToken)).Lacks);
    }

    /// <summary>Keeps the node up until Ctrl-C, with something to decide and something to look into.</summary>
    public async Task StayAsync(CancellationToken cancellationToken)
    {
        await new DemoScene(_node.Services, Truth, _model).SetAsync(cancellationToken);
        Console.WriteLine($"The node stays up. Its console: {Client.BaseAddress}console (interface: {Client.BaseAddress}openapi/v1.json). A release waits there for a steward, and a job failed. Ctrl-C ends it.");
        Console.WriteLine($"To follow docs/researchers.md with this node, first run in another terminal: export LAZARET={Client.BaseAddress!.ToString().TrimEnd('/')} MAP={Truth.Map}");
        await _node.WaitForShutdownAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _node.StopAsync();
        await _node.DisposeAsync();
        await Receiver.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        FolderDeletion.Delete(_folder.FullName);
    }

    private static async Task<PlantedTruth> MakeSiteAsync(string folder, CancellationToken cancellationToken)
    {
        var options = new SyntheticSiteOptions { Seed = 7, Subjects = 130, MissingOutcomes = 0 };
        return await Terminal.Progress().StartAsync(async context =>
        {
            var task = context.AddTask("Making a synthetic site", maxValue: options.Subjects);
            var progress = new Progress<int>(written => task.Value = written);
            return await Task.Run(() => SyntheticSite.Create(folder, options, progress, cancellationToken), cancellationToken);
        });
    }

    // The maker of a model signs its image's digest; the site trusts the maker's key, and takes nothing unsigned.
    private static async Task<string> SignSampleAsync(string folder, ECDsa key, CancellationToken cancellationToken)
    {
        var sample = Path.Combine(AppContext.BaseDirectory, "samples", "sepsis-news2");
        var maker = Directory.CreateDirectory(Path.Combine(folder, "maker")).FullName;
        var image = Path.Combine(maker, "image");
        using (var source = ImageSource.Open(Path.Combine(sample, "image"), new ImageLimits()))
        {
            source.Unpack(image);
            ImageSignature.Write(Path.Combine(maker, "image.sig"), source.Digest, key);
        }

        var manifest = Path.Combine(maker, "manifest.yaml");
        var text = await File.ReadAllTextAsync(Path.Combine(sample, "manifest.yaml"), cancellationToken);
        await File.WriteAllTextAsync(manifest, $"{text}\nsignature: ./image.sig\n", cancellationToken);
        return manifest;
    }
}
