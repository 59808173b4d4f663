namespace Lazaret.Node.Backups;

internal static class BackupServices
{
    public static IServiceCollection AddBackups(this IServiceCollection services) => services
        .AddSingleton<BackupImages>()
        .AddSingleton<DatabaseBackup>()
        .AddSingleton<BackupRestore>();
}
