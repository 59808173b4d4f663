using System.Runtime.CompilerServices;

namespace Lazaret.Tests;

/// <summary>
/// What the tests start lives for seconds. There a method is compiled a second time, optimised, after 2,000 calls instead of 30: a third of what a node costs that
/// serves for some seconds is the second compiling.
/// </summary>
internal static class ShortLived
{
    // Hexadecimal, as all of .NET's numbers there.
    [ModuleInitializer]
    internal static void SpareThemTheSecondCompiling() => Environment.SetEnvironmentVariable("DOTNET_TC_CallCountThreshold", "7D0");
}
