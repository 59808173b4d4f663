using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Lazaret.Tests.Servers;

/// <summary>A real server of the operating system's, in the foreground, for the tests alone.</summary>
internal static class ServerProcess
{
    private static int _port = RandomNumberGenerator.GetInt32(15_000, 25_000);

    /// <summary>A port that nobody listens on. It is below those that the kernel gives to whoever names none, so that nobody is given it before the server takes it.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _port);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there: try the next one.
            }
        }
    }

    /// <summary>A machine without the server skips the test, and fails it under CI.</summary>
    public static void Require(string program, string package) => Assert.SkipUnless(
        File.Exists(program) || Environment.GetEnvironmentVariable("CI") == "true", $"there is no {program}: apt-get install {package}");

    /// <summary>PostgreSQL refuses to run as root, and the others have no need to: as root this is another user's process.</summary>
    public static Process Start(string user, string program, params string[] arguments)
    {
        string[] line = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", program, .. arguments]
            : [program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/" };
        var process = Process.Start(start)!;
        // Nobody reads what it prints, but a full pipe would stop it.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task RunAsync(string user, string program, params string[] arguments)
    {
        using var process = Start(user, program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }

    /// <summary>Asks the process to end with a signal, and waits until it has.</summary>
    public static async Task StopAsync(Process process, string signal)
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Tries until the server answers.</summary>
    public static async Task AnswersAsync(Process process, Func<Task> ask)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (Exception e) when (!process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60) && e is not OutOfMemoryException)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Lets the server's own user enter a folder that the tests made.</summary>
    public static async Task OwnAsync(string user, string folder)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        using var chown = Process.Start("chown", ["-R", $"{user}:{user}", folder]);
        await chown.WaitForExitAsync();
    }
}
