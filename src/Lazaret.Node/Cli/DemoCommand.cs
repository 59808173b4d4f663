using System.CommandLine;
namespace Lazaret.Node.Cli;
internal static class DemoCommand { public static Command Create(Settings settings) { _ = settings; return new Command("demo"); } }
