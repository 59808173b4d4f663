using Microsoft.AspNetCore.Authentication;

namespace Lazaret.Node.Identity;

/// <summary>
/// The framework's handlers also read the section <c>Authentication</c>. Here it is always empty: only the section <c>Lazaret</c> is checked at the
/// start, and a setting elsewhere must not change whom the node believes.
/// </summary>
internal sealed class OwnConfiguration : IAuthenticationConfigurationProvider
{
    public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
}
