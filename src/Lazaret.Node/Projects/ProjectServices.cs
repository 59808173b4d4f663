namespace Lazaret.Node.Projects;

internal static class ProjectServices
{
    public static IServiceCollection AddProjects(this IServiceCollection services, ProjectOptions options) => services
        .AddSingleton(options)
        .AddSingleton<ProjectDirectory>()
        .AddSingleton<ProjectGate>();
}
