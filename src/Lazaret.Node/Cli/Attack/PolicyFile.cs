using System.Text.Json;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Cli.Attack;

/// <summary>The keys <c>Disclosure:*</c> of the configuration, or of a file that is to be tried before it is used.</summary>
internal static class PolicyFile
{
    private const string Section = "Disclosure";
    private const int MaxBytes = 1 << 20;

    /// <summary>What the configuration says, by keys below <c>Lazaret</c>.</summary>
    public static IReadOnlyDictionary<string, string> Of(IConfiguration configuration) => Checked(Pick(configuration), "");

    /// <summary>JSON as in appsettings.json (with or without the section <c>Lazaret</c> around it), or lines KEY=VALUE as for the environment.</summary>
    /// <exception cref="InputException">It is neither, or a key or value is none of the options.</exception>
    public static IReadOnlyDictionary<string, string> Read(string file)
    {
        byte[] bytes;
        try
        {
            bytes = RegularFile.ReadAllBytes(file, MaxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}");
        }

        var settings = bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..] ? ReadJson(file, bytes) : ReadLines(file, bytes);
        if (settings.Count == 0)
            throw new InputException($"{file}: holds no key {Section}:…");
        return Checked(settings, $"{file}: ");
    }

    private static Dictionary<string, string> ReadJson(string file, byte[] bytes)
    {
        try
        {
            return Pick(new ConfigurationBuilder().AddJsonStream(new MemoryStream(bytes)).Build(), file);
        }
        catch (JsonException e)
        {
            throw new InputException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}: line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: not JSON"));
        }
        catch (FormatException e)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    private static Dictionary<string, string> ReadLines(string file, byte[] bytes)
    {
        var lines = Utf8Text.Decode(bytes, out var fault)?.Split('\n') ?? throw new InputException($"{file}: {fault!.Message}");
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (number, line) in lines.Select(line => line.Trim()).Index())
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.IndexOf('=', StringComparison.Ordinal) is var at && at <= 0)
                throw new InputException($"{file}: line {number + 1}: expected KEY=VALUE");
            settings[line[..at].Replace("__", ":", StringComparison.Ordinal)] = line[(at + 1)..].Trim('"');
        }

        return Pick(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), file);
    }

    // A file holds nothing but the policy; a configuration may hold the rest of the node's.
    private static Dictionary<string, string> Pick(IConfiguration configuration, string? file = null)
    {
        var policy = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in configuration.AsEnumerable().Where(setting => setting.Value is not null))
        {
            var inSection = path.StartsWith($"{NodeOptions.Section}:", StringComparison.OrdinalIgnoreCase);
            var key = inSection ? path[(NodeOptions.Section.Length + 1)..] : SettingAliases.All.GetValueOrDefault(path, path);
            if (key.StartsWith($"{Section}:", StringComparison.OrdinalIgnoreCase) && (inSection || file is not null))
                policy[key] = value!;
            else if (file is not null)
                throw new InputException($"{file}: {path}: a policy holds keys {Section}:… alone");
        }

        return policy;
    }

    private static Dictionary<string, string> Checked(Dictionary<string, string> policy, string place)
    {
        try
        {
            LazaretConfiguration.Read(new ConfigurationBuilder().AddInMemoryCollection(policy.Select(setting => KeyValuePair.Create($"{NodeOptions.Section}:{setting.Key}", (string?)setting.Value))).Build());
            return policy;
        }
        catch (InputException e)
        {
            throw new InputException(string.Join('\n', e.Message.Split('\n').Select(line => place + line)));
        }
    }
}
