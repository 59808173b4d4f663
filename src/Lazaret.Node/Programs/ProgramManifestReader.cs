using System.Globalization;
using System.Text.RegularExpressions;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Programs;

/// <summary>Reads what the manifests of all visiting programs share, as YAML or JSON: every fault at once, with line and column.</summary>
internal static partial class ProgramManifestReader
{
    private const int MostFaults = 20;
    private const long MaxMemory = 1L << 40;
    private const long MaxOutput = 1L << 20;
    private const long MaxLog = 64L << 20;

    /// <summary>The text of a manifest that is new to the node.</summary>
    /// <exception cref="InputException">The file cannot be read, or holds what would not show on a terminal as it is.</exception>
    public static string ReadFile(string file)
    {
        string? text;
        TextFault? fault;
        try
        {
            text = Utf8Text.Decode(RegularFile.ReadAllBytes(file, YamlDocument.MaxBytes), out fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(e is RegularFileException or FileNotFoundException ? $"{file}: {e.Message}" : $"{file}: cannot be read: {e.Message}");
        }

        if (text is null)
            throw new InputException($"{file}: {(fault!.Line > 0 ? YamlObject.Placed(fault.Line, fault.Column, fault.Message) : fault.Message)}");
        return YamlDocument.Parse(text, out _) is YamlNode.Mapping root && Unplain(root).Take(MostFaults).ToList() is [_, ..] unplain
            ? throw new InputException(string.Join('\n', unplain.Select(found => $"{file}: {found}")))
            : text;
    }

    /// <summary>
    /// The texts that hold a control character, a mark of direction or another invisible character, wherever they are. Only a command may
    /// have line breaks and tabs: a script among its arguments.
    /// </summary>
    private static IEnumerable<string> Unplain(YamlNode.Mapping root) =>
        root.Members.Values.SelectMany(member => Unplain(member.Key, "").Concat(Unplain(member.Value, member.Key.Text == "command" ? "\n\t" : "")));

    private static IEnumerable<string> Unplain(YamlNode node, string allowed) => node switch
    {
        YamlNode.Scalar text => PlainText.FindUnplain(text.Text, allowed) is { } found
            ? [YamlObject.Placed(text.Line, text.Column, $"the text holds the control or invisible character {found}")]
            : [],
        YamlNode.Sequence list => list.Items.SelectMany(item => Unplain(item, allowed)),
        YamlNode.Mapping mapping => mapping.Members.Values.SelectMany(member => Unplain(member.Key, "").Concat(Unplain(member.Value, allowed))),
        _ => throw new InvalidOperationException($"unknown node {node.GetType().Name}"),
    };

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
        if (key.Length > 0 && !ProgramForm.IsKey(key))
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

    [GeneratedRegex(@"\A([0-9]{1,10})(KiB|MiB|GiB|TiB)\z", RegexOptions.None, 1000)]
    private static partial Regex SizeForm();

    [GeneratedRegex(@"\A([0-9]{1,6})(s|m|h)\z", RegexOptions.None, 1000)]
    private static partial Regex TimeForm();
}
