using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Models;

/// <summary>Reads a manifest, as YAML or JSON: every fault at once, with line and column.</summary>
public static partial class ManifestReader
{
    private const int MaxBytes = 1 << 20;
    private const long MaxMemory = 1L << 40;

    /// <summary>A manifest's text and what it says.</summary>
    /// <exception cref="InputException">The file cannot be read, or has faults.</exception>
    public static async Task<(string Text, ModelManifest Manifest)> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        if (Directory.Exists(file))
            throw new InputException($"{file}: is a folder; name the manifest in it");
        if (!File.Exists(file))
            throw new InputException($"{file}: there is no such file");
        try
        {
            if (new FileInfo(file).Length > MaxBytes)
                throw new InputException($"{file}: is larger than 1 MiB");
            var text = await File.ReadAllTextAsync(file, cancellationToken);
            return (text, Read(text, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: cannot be read: {e.Message}");
        }
    }

    /// <param name="text">The manifest.</param>
    /// <param name="name">What its faults are to begin with: its file's name.</param>
    /// <exception cref="InputException">It has faults.</exception>
    public static ModelManifest Read(string text, string name)
    {
        var faults = new List<string>();
        var manifest = YamlObject.Parse(text, faults) is { } root ? Read(root, faults) : null;
        return faults.Count == 0 ? manifest! : throw new InputException(string.Join('\n', faults.Select(fault => $"{name}: {fault}")));
    }

    private static ModelManifest Read(YamlObject root, List<string> faults)
    {
        var key = root.Text("key", required: true) ?? "";
        if (key.Length > 0 && !KeyForm().IsMatch(key))
            root.Fault("key", "must be 1 to 64 of a-z, 0-9, '-' and '_', beginning with a letter");
        var accuracy = root.Number("accuracy", required: true) ?? 0;
        if (accuracy is < 0 or > 1)
            root.Fault("accuracy", "must lie between 0 and 1");
        var command = root.Texts("command", required: true);
        if (command is [var program, ..] && (!program.StartsWith('/') || program.Split('/').Contains("..")))
            root.Fault("command", "must begin with an absolute path inside the image");
        if (root.Text("input") is { } input && input != "observations")
            root.Fault("input", "only 'observations' is allowed on this node: a model gets what it asks for, never the whole bundle");

        var manifest = new ModelManifest
        {
            Key = key,
            Name = root.Text("name") ?? key,
            Version = root.Scalar("version", required: true, ModelVersion.Parse, "must be MAJOR.MINOR.PATCH") ?? default,
            Accuracy = accuracy,
            Image = root.Text("image", required: true) ?? "",
            Signature = root.Text("signature"),
            Command = command,
            Requirements = ReadRequirements(root, faults),
            Limits = ReadLimits(root.Object("limits")),
            Output = ReadOutput(root.Object("output", required: true)),
        };
        root.NoMore();
        return manifest;
    }

    // requires.observations and its siblings; or the registry's own form, a list required_observations at the top.
    private static List<Requirement> ReadRequirements(YamlObject root, List<string> faults)
    {
        var requirements = new List<Requirement>();
        requirements.AddRange(root.Objects("required_observations").Select(ReadObservation));
        if (root.Object("requires") is { } requires)
        {
            requirements.AddRange(requires.Objects("observations").Select(ReadObservation));
            requirements.AddRange(requires.Objects("conditions").Select(ReadCondition));
            requirements.AddRange(requires.Objects("medications").Select(ReadMedication));
            requires.NoMore();
        }

        if (faults.Count == 0)
            faults.AddRange(Requirement.FaultsOf(requirements));
        return requirements;
    }

    private static Requirement ReadObservation(YamlObject item) => Complete(item, new ObservationRequirement
    {
        Code = ReadCode(item),
        Unit = item.Text("unit"),
        AcceptedUnits = ReadFactors(item.Object("accepted_units")),
        AcceptedCodes = ReadTokens(item.Object("accepted_codes")),
        ComponentOf = item.Text("component_of"),
        Range = item.Range("range") is { } range ? new ValueRange(range.Min, range.Max) : null,
        Statuses = item.Texts("statuses"),
    });

    private static Requirement ReadCondition(YamlObject item) => Complete(item, new ConditionRequirement { Code = ReadCode(item) });

    private static Requirement ReadMedication(YamlObject item) => Complete(item, new MedicationRequirement { Code = ReadCode(item) });

    private static string ReadCode(YamlObject item) => item.Text("code", required: true) ?? "";

    // What every kind of requirement has; then the item holds no more.
    private static Requirement Complete(YamlObject item, Requirement requirement)
    {
        var complete = requirement with
        {
            AlsoCodes = item.Texts("also_codes"),
            System = item.Text("system") ?? requirement.System,
            Display = item.Text("display"),
            Mandatory = item.Truth("mandatory") ?? true,
            MaxAge = item.Scalar("max_age", required: false, ParseDuration, "must be a duration like P1D or PT12H"),
        };
        item.NoMore();
        return complete;
    }

    private static Dictionary<string, decimal> ReadFactors(YamlObject? factors)
    {
        var read = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var unit in factors?.Names() ?? [])
            read[unit] = factors!.Scalar(unit, required: true, YamlObject.ParseDecimal, "must be the factor to the asked unit") ?? 1;
        return read;
    }

    private static Dictionary<string, string> ReadTokens(YamlObject? codes)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var code in codes?.Names() ?? [])
            read[code] = codes!.Text(code, required: true) ?? "";
        return read;
    }

    private static SandboxLimits ReadLimits(YamlObject? limits)
    {
        var bounds = new SandboxLimits();
        if (limits is null)
            return bounds;
        bounds = bounds with
        {
            Memory = limits.Scalar("memory", required: false, ParseSize, "must be a size like 256MiB, up to 1TiB") ?? bounds.Memory,
            Cpus = limits.Number("cpus") ?? bounds.Cpus,
            Pids = limits.Whole("pids", 1, 32_768) ?? bounds.Pids,
            Timeout = limits.Scalar("timeout", required: false, ParseSeconds, "must be a time like 30s, up to 24h") ?? bounds.Timeout,
        };
        if (bounds.Cpus is <= 0 or > 1024)
            limits.Fault("cpus", "must lie above 0 and be at most 1024");
        limits.NoMore();
        return bounds;
    }

    private static Dictionary<string, OutputField> ReadOutput(YamlObject? output)
    {
        var fields = new Dictionary<string, OutputField>(StringComparer.Ordinal);
        foreach (var name in output?.Names() ?? [])
        {
            if (output!.Object(name, required: true) is not { } field)
                continue;
            if (ReadField(field) is { } read)
                fields[name] = read;
        }

        return fields;
    }

    // Null when it has a fault of its own.
    private static OutputField? ReadField(YamlObject field)
    {
        var values = field.Texts("enum");
        var type = field.Text("type");
        var range = field.Range("range");
        var length = field.Whole("max_length", 1, 100_000);
        if (range is not null && type is not ("number" or "integer"))
            field.Fault("range", "belongs to type: number or integer alone");
        if (length is not null && type is not "string")
            field.Fault("max_length", "belongs to type: string alone");
        field.NoMore();

        var (min, max) = range is { } bounds ? ((double)bounds.Min, (double)bounds.Max) : (double.MinValue, double.MaxValue);
        switch (values.Count, type)
        {
            case (> 0, null):
                return new OutputField.Enumeration(values);
            case (0, "number" or "integer"):
                return new OutputField.Number(min, max, Whole: type == "integer");
            case (0, "boolean"):
                return new OutputField.Truth();
            case (0, "string"):
                return new OutputField.Text(length ?? 200);
            default:
                field.Fault("", "must have either enum, or type: number, integer, boolean or string");
                return null;
        }
    }

    private static TimeSpan? ParseDuration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static long? ParseSize(string text)
    {
        if (SizeForm().Match(text) is not { Success: true } match)
            return null;
        var unit = match.Groups[2].Value switch { "KiB" => 10, "MiB" => 20, "GiB" => 30, _ => 40 };
        return long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is var number && number > 0 && number <= MaxMemory >> unit
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
