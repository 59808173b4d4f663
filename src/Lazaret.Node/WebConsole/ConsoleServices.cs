using Lazaret.Node.Http;
using Lazaret.Node.WebConsole.Data;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.Home;
using Lazaret.Node.WebConsole.Jobs;
using Lazaret.Node.WebConsole.Ledger;
using Lazaret.Node.WebConsole.Registry;
using Lazaret.Node.WebConsole.Viewer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Lazaret.Node.WebConsole;

internal static class ConsoleServices
{
    /// <summary>Adds the console. Pages are rendered on the server, which keeps nothing of them.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services, NodeRole role)
    {
        // If people do not sign in at this node, there are no keys that could protect anything, and nothing to protect.
        services.TryAddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
        return services
            .WithoutKeyStart(added => added.AddRazorComponents())
            .AddSingleton(new NodeRoleHere(role))
            .AddSingleton<ConsolePulse>()
            .AddSingleton<HomeDesk>()
            .AddSingleton<NodeBoard>()
            .AddSingleton<FrameDesk>()
            .AddSingleton<DataWork>()
            .AddSingleton<CatalogDesk>()
            .AddSingleton<VolumeBoard>()
            .AddSingleton<JobBoard>()
            .AddSingleton<ProgramUploads>()
            .AddSingleton<ShownVolumes>()
            .AddSingleton<AuditBoard>();
    }
}
