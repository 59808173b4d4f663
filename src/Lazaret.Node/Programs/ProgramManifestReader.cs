using System.Globalization;
using System.Text.RegularExpressions;
using Lazaret.Cohort;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Programs;

/// <summary>Reads what the manifests of all visiting programs share, as YAML or JSON: every fault at once, with line and column.</summary>
internal static partial class ProgramManifestReader
{
    private const int MaxBytes = 1 << 20;
    private const long MaxMemory = 1L << 40;
    private const long MaxOutput = 1L << 20;
    private const long MaxLog = 64L << 20;

    /// <exception cref="InputException">The file cannot be read.</exception>
    public static async Task<string> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        if (Directory.Exists(file))
            throw new InputException($"{file}: is a folder; name the manifest in it");
        if (!File.Exists(file))
            throw new InputException($"{file}: there is no such file");
        try
        {
            return new FileInfo(file).Length <= MaxBytes
                ? await File.ReadAllTextAsync(file, cancellationToken)
                : throw new InputException($"{file}: is larger than 1 MiB");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: cannot be read: {e.Message}");
        }
    }

    /// <param name="text">The manifest.</param>
    /// <param name="name">What its faults are to begin with: its file's name.</param>
    /// <param name="read">Reads the members that only this kind of program has.</param>
    /// <exception cref="InputException">It has faults.</exception>
    public static T Read<T>(string text, string name, Func<YamlObject, ProgramManifest, FaultList<string>, T> read)
    {
        var faults = new FaultList<string>();
        if (YamlObject.Parse(text, faults) is { } root)
        {
            var manifest = read(root, ReadShared(root), faults);
            root.NoMore();
            if (faults.Count == 0)
                return manifest;
        }

        throw new InputException(string.Join('\n', faults.Lines().Select(fault => $"{name}: {fault}")));
    }

    private static ProgramManifest ReadShared(YamlObject root)
    {
        var key = root.Text("key", required: true) ?? "";
        if (key.Length > 0 && !KeyForm().IsMatch(key))
            root.Fault("key", "must be 1 to 64 of a-z, 0-9, '-' and '_', beginning with a letter");
        var command = root.Texts("command", required: true);
        if (command is [var program, ..] && (!program.StartsWith('/') || program.Split('/').Contains("..")))
            root.Fault("command", "must begin with an absolute path inside the image");
        return new ProgramManifest
        {
            Key = key,
            Name = root.Text("name") ?? key,
            Version = root.Scalar("version", required: true, ProgramVersion.Parse, "must be MAJOR.MINOR.PATCH") ?? default,
            Image = root.Text("image", required: true) ?? "",
            Signature = root.Text("signature"),
            Command = command,
            Limits = ReadLimits(root.Object("limits")),
        };
    }

    private static SandboxLimits ReadLimits(YamlObject? limits)
    {
        var bounds = new SandboxLimits();
        if (limits is null)
            return bounds;
        bounds = bounds with
        {
            Memory = Size("memory", MaxMemory, "256MiB, up to 1TiB") ?? bounds.Memory,
            Cpus = limits.Number("cpus") ?? bounds.Cpus,
            Pids = limits.Whole("pids", 1, 32_768) ?? bounds.Pids,
            Timeout = limits.Scalar("timeout", required: false, ParseSeconds, "must be a time like 30s, up to 24h") ?? bounds.Timeout,
            Output = (int?)Size("output", MaxOutput, "16KiB, up to 1MiB") ?? bounds.Output,
            Log = (int?)Size("log", MaxLog, "64KiB, up to 64MiB") ?? bounds.Log,
        };
        if (bounds.Cpus is <= 0 or > 1024)
            limits.Fault("cpus", "must lie above 0 and be at most 1024");
        limits.NoMore();
        return bounds;

        long? Size(string name, long max, string like) => limits.Scalar(name, required: false, text => ParseSize(text, max), $"must be a size like {like}");
    }

    private static long? ParseSize(string text, long max)
    {
        if (SizeForm().Match(text) is not { Success: true } match)
            return null;
        var unit = match.Groups[2].Value switch { "KiB" => 10, "MiB" => 20, "GiB" => 30, _ => 40 };
        return long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is var number && number > 0 && number <= max >> unit
            ? number << unit
            : null;
    }

    private static TimeSpan? ParseSeconds(string text) =>
        TimeForm().Match(text) is { Success: true } match && int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var number)
            && TimeSpan.FromSeconds((double)number * (match.Groups[2].Value switch { "h" => 3600, "m" => 60, _ => 1 })) is { TotalHours: > 0 and <= 24 } time
            ? time
            : null;

    [GeneratedRegex(@"\A[a-z][a-z0-9_-]{0,63}\z", RegexOptions.None, 1000)]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"\A([0-9]{1,10})(KiB|MiB|GiB|TiB)\z", RegexOptions.None, 1000)]
    private static partial Regex SizeForm();

    [GeneratedRegex(@"\A([0-9]{1,6})(s|m|h)\z", RegexOptions.None, 1000)]
    private static partial Regex TimeForm();
}
