using Lazaret.Node.Releases.Earlier;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.Releases;

internal static class ReleaseServices
{
    public static IServiceCollection AddReleases(this IServiceCollection services, DisclosureOptions disclosure) => services
        .AddSingleton(disclosure)
        .AddSingleton<PolicyRecord>()
        .AddSingleton<DisclosureSecret>()
        .AddSingleton<ReleaseBook>()
        .AddSingleton<EarlierAnswers>()
        .AddSingleton<QuestionNames>()
        .AddSingleton<ReviewPolicy>()
        .AddSingleton<ReleaseDecision>()
        .AddSingleton<ReviewDesk>()
        .AddSingleton<ReviewNumbers>()
        .AddSingleton<ReviewRuling>();
}
