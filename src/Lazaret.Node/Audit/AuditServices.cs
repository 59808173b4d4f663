using Lazaret.Node.Audit.Chain.Linking;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Archives;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Storage.Faults;
using Lazaret.Node.Storage.Commits;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Lazaret.Node.Audit;

internal static class AuditServices
{
    public static IServiceCollection AddAudit(this IServiceCollection services, AuditOptions options) => services
        .AddSingleton(options)
        .AddSingleton<AuditLog>()
        .AddSingleton<IPendingWrites>(node => node.GetRequiredService<AuditLog>())
        .AddSingleton<AuditExport>()
        .AddSingleton<SigningKeyFile>()
        .AddSingleton<IInterceptor, ChainInterceptor>()
        .AddSingleton<ChainSequencer>()
        .AddSingleton<Checkpoints>()
        .AddSingleton<CheckpointCopies>()
        .AddSingleton<OlderDatabase>()
        .AddSingleton(node => new StateTrace(node.GetRequiredService<SigningKeyFile>().Path))
        .AddSingleton(node => new StateTrace(node.GetRequiredService<CheckpointCopies>().File ?? ""))
        .AddSingleton<TimestampAuthority>()
        .AddSingleton<ChainArchive>()
        .AddSingleton<ChainStart>()
        .AddSingleton<ChainVerification>();

    /// <summary>What every node does beside its other work.</summary>
    public static IServiceCollection AddAuditKeeper(this IServiceCollection services) => services.AddHostedService<ChainKeeper>();
}
