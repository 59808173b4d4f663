using Lazaret.Cohort.Files;

namespace Lazaret.Node;

/// <summary>Which files the configuration is read from, below the environment and the command line.</summary>
/// <param name="Folder">The folder that relative paths of these files count from.</param>
/// <param name="Settings">The JSON file, which need not be there.</param>
/// <param name="Variables">The environment file; null for none.</param>
internal sealed record ConfigurationSource(string Folder, string Settings, string? Variables)
{
    /// <summary>Where the units of <c>deploy/systemd</c> and of the package have their variables.</summary>
    public const string ServiceFile = "/etc/lazaret/lazaret.env";

    private const string ServiceFolder = "/var/lib/lazaret";
    private const string Name = "appsettings.json";
    private const string VariablesName = "lazaret.env";

    /// <summary>Whether it is the service's, whose state folder belongs to the service's user.</summary>
    public bool IsService => Variables == ServiceFile;

    /// <summary>Whether the service's file is there, and this user may not read it.</summary>
    public bool MissesService => Variables is null && Folder != ServiceFolder && File.Exists(ServiceFile) && !IsReadable(ServiceFile);

    /// <summary>What was read, and what lies there but may not be read.</summary>
    public string Words
    {
        get
        {
            var read = string.Join(" and ", Files);
            return (read.Length > 0 ? $"the configuration is {read}" : "no configuration file was read") + (MissesService ? $"; {ServiceFile} is there, and you may not read it" : "");
        }
    }

    /// <summary>Those that are there.</summary>
    public IEnumerable<string> Files => new[] { Variables, Settings }.OfType<string>().Where(File.Exists);

    /// <summary>The configuration of the working folder alone.</summary>
    public static ConfigurationSource Here() => Of(Directory.GetCurrentDirectory(), variables: null);

    /// <summary>
    /// The file of <c>--config</c>. Otherwise the working folder's, when it is a node's that is run by hand (<c>lazaret init</c> makes such a
    /// folder), with the variables that lie beside its settings: without them a node for production would start as one for development. Otherwise the service's.
    /// </summary>
    /// <exception cref="InputException">The given file cannot be read.</exception>
    public static ConfigurationSource Find(string? given)
    {
        if (given is not null)
            return Given(Path.GetFullPath(given));
        var here = Here();
        if (here.Folder != ServiceFolder && LazaretConfiguration.HasNode(here.Settings))
            return Path.Combine(here.Folder, VariablesName) is var beside && File.Exists(beside) ? here with { Variables = beside } : here;
        return IsReadable(ServiceFile) ? Service() : here;
    }

    private static ConfigurationSource Given(string file)
    {
        if (file == ServiceFile)
            return Service();
        // A JSON file beside others need not be there; one that somebody names must.
        if (!File.Exists(file))
            throw new InputException($"{file}: there is no such file, and --config names it");
        var folder = Path.GetDirectoryName(file)!;
        if (!IsJson(file))
            return Of(folder, file);
        LazaretConfiguration.CheckNames(file);
        return new ConfigurationSource(folder, file, Variables: null);
    }

    // 'lazaret init /etc/lazaret' makes a node that runs there.
    private static ConfigurationSource Service() =>
        Of(Path.GetDirectoryName(ServiceFile)! is var beside && LazaretConfiguration.HasNode(Path.Combine(beside, Name)) ? beside : ServiceFolder, ServiceFile);

    private static ConfigurationSource Of(string folder, string? variables) => new(folder, Path.Combine(folder, Name), variables);

    private static bool IsJson(string file) => Path.GetExtension(file) switch
    {
        ".json" => true,
        ".env" => false,
        _ => LazaretConfiguration.ReadText(file).TrimStart() is ['{', ..],
    };

    private static bool IsReadable(string file)
    {
        try
        {
            RegularFile.Open(file).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
