using Lazaret.Node.Linux;

namespace Lazaret.Tests.Linux;

public sealed class OperatingUserTests
{
    [Theory]
    [InlineData(0, null, "root", "root")]
    [InlineData(0, "ada", "root", "ada")]
    [InlineData(1000, "root", "bert", "bert")]
    [InlineData(0, "two words", "root", "root")]
    [InlineData(0, "a\u001b[1m", "root", "root")]
    [InlineData(4711, null, "", "uid 4711")]
    public void Of_a_command_under_sudo_it_is_who_called_it(uint id, string? sudo, string name, string expected) => Assert.Equal(expected, OperatingUser.Of(id, sudo, name));
}
