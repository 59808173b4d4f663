using Lazaret.Node.Linux;

namespace Lazaret.Node.Cli;

/// <summary>The configuration of the node that a command is about, and whose that node is.</summary>
internal sealed record NodeSettings(ConfigurationSource Source, IConfigurationRoot Configuration, NodeOptions Options)
{
    private const string Key = "Lazaret:State";

    /// <summary>The state folder as whose owner this process goes on; empty where it is still who started it.</summary>
    public static string Taken { get; private set; } = "";

    private string State => Options.StateFolder().Root;

    private string? Giver => LazaretConfiguration.FindGiver(Configuration, Source, Key);

    /// <summary>Which configuration was read, for people.</summary>
    public string Words => Source.Words;

    /// <summary>Why this is probably not the node that somebody means: nothing names one, and none is at the default place. Null where there is no doubt.</summary>
    public string? Doubt => Giver is not null || Source.Files.Any() || Path.Exists(State) ? null : $"{Words}: so this is about a node at {State}, where none is yet";

    /// <summary>Settings to which environment or command line give another value than the file: a shell that read the file in its own way, for one.</summary>
    public IEnumerable<string> Overridden => LazaretConfiguration.FindOverridden(Configuration);

    /// <summary>
    /// Root goes on as the owner of the state folder: a file that root made there could not be opened by the service. Whoever wrote the
    /// configuration, and so decides which programs run, must be that owner or root.
    /// </summary>
    public void TakeUser()
    {
        if (LinuxCalls.User != 0)
            return;
        var (user, group) = Path.Exists(State) && LinuxCalls.StatusOfEntry(State) is { IsFolder: true } folder ? (folder.User, folder.Group) : (0, 0);
        foreach (var file in Source.Files)
        {
            if (LinuxCalls.Status(file).User is var writer and not 0 && writer != user)
                throw new MissingException($"{file}: belongs to user {writer}, and this command would run as user {user}, who owns {State}: chown {user} {file}, or run the command as user {writer}");
        }

        if (user == 0)
            return;
        // What the audit says of this command: whoever called sudo, or root, and not the node's user.
        OperatingUser.Remember();
        ProcessUser.Become(user, group);
        Taken = State;
        var program = Path.Combine(AppContext.BaseDirectory, "lazaret.dll");
        if (!File.Exists(program))
            throw new MissingException($"{State} belongs to user {user}, as whom this command would run, and who may not read {AppContext.BaseDirectory}: install the program where every user may read it, as in /opt/lazaret");
    }

    /// <summary>Whether the command may make what is not there.</summary>
    public bool Makes(StateUse use) => use == StateUse.Makes || (use == StateUse.MakesNamed && Giver is not null);

    /// <exception cref="MissingException">There is no state folder, and this command makes none.</exception>
    public void Hold(StateUse use)
    {
        if (use == StateUse.None || Path.Exists(State))
            return;
        if (!Makes(use))
            throw new MissingException($"there is no state folder at {State}{HowToFindOne()}");
        if (Source.IsService && LinuxCalls.User == 0)
            throw new MissingException($"there is no state folder at {State}, and one that root makes is of no use to the service: install -d -o lazaret -g lazaret -m 700 {State}");
        // Whoever meant another folder sees it now, not when the node lacks what was added.
        if (use == StateUse.MakesNamed)
            Console.Error.WriteLine($"lazaret: {State}: a new state folder, which {Key} of {Giver} names");
    }

    /// <summary>How somebody comes to the node that they meant.</summary>
    public string HowToFindOne() =>
        $", which {(Giver is { } giver ? $"{Key} of {giver} names" : $"{Key} is by default")} ({Words}): name the node by --config FILE, WORK_DIR or {Key}; 'lazaret init', 'lazaret migrate' or 'lazaret serve' makes one";
}
