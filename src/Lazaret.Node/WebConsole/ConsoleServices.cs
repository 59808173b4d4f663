using Lazaret.Node.WebConsole.Data;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.Home;
using Lazaret.Node.WebConsole.Jobs;
using Lazaret.Node.WebConsole.Ledger;

namespace Lazaret.Node.WebConsole;

internal static class ConsoleServices
{
    /// <summary>Pages are written on the server, and nothing of them stays there.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services, NodeRole role)
    {
        services.AddRazorComponents();
        return services
            .AddSingleton(new NodeRoleHere(role))
            .AddSingleton<ConsolePulse>()
            .AddSingleton<FrameDesk>()
            .AddSingleton<DataWork>()
            .AddSingleton<JobBoard>()
            .AddSingleton<AuditBoard>();
    }
}
