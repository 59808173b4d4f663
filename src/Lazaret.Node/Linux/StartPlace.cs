using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>
/// What a thread is in while it starts a process, which inherits it: a new pid namespace, and control groups of version 1. .NET may start a thread of its own
/// wherever a method is called, such as the one that compiles methods anew. From a thread with a new pid namespace the kernel lets it start none, and .NET then throws
/// <see cref="OutOfMemoryException"/>; in a control group its thread would stay behind. So while the thread is in there, it calls the kernel and nothing else.
/// </summary>
internal sealed unsafe class StartPlace : IDisposable
{
    private const int NewPids = (int)LinuxCalls.Namespaces.Pid;

    private static readonly SafeFileHandle OwnPids = File.OpenHandle("/proc/self/ns/pid");
    private static readonly nint Library = NativeLibrary.Load("libc.so.6");
    private static readonly delegate* unmanaged<int*, nint, byte*, byte*, nint, nint, int> PosixSpawn =
        (delegate* unmanaged<int*, nint, byte*, byte*, nint, nint, int>)NativeLibrary.GetExport(Library, "posix_spawn");

    private static readonly delegate* unmanaged<int, int> Unshare = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(Library, "unshare");
    private static readonly delegate* unmanaged<int, int, int> SetNamespace = (delegate* unmanaged<int, int, int>)NativeLibrary.GetExport(Library, "setns");
    private static readonly delegate* unmanaged<int, byte*, nint, nint> Write = (delegate* unmanaged<int, byte*, nint, nint>)NativeLibrary.GetExport(Library, "write");
    private static readonly delegate* unmanaged<int*> ErrorNumber = (delegate* unmanaged<int*>)NativeLibrary.GetExport(Library, "__errno_location");

    private readonly List<SafeFileHandle> _files = [];
    private readonly int _groups;

    /// <param name="groups">The folders of the control groups.</param>
    /// <exception cref="IOException">One cannot be entered.</exception>
    public StartPlace(IReadOnlyList<string> groups)
    {
        _groups = groups.Count;
        try
        {
            foreach (var folder in groups.Concat(groups.Select(folder => Path.GetDirectoryName(folder)!)))
                _files.Add(File.OpenHandle($"{folder}/tasks", FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts the process, as the first one of its pid namespace. The calling thread is back where it was, whatever comes of it.</summary>
    /// <returns>0, or the error number of the call that failed, and its name. A process may have been started nevertheless.</returns>
    public (int Error, string Call) Run(Spawning spawning)
    {
        var descriptors = stackalloc int[_files.Count];
        for (var i = 0; i < _files.Count; i++)
            descriptors[i] = (int)_files[i].DangerousGetHandle();
        var result = RunInside(spawning, (int)OwnPids.DangerousGetHandle(), descriptors, _groups);
        GC.KeepAlive(this);
        return result;
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    // Compiled whole when it is first called, and never anew. Between the first write and the last one there is no call of a method.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Error, string Call) RunInside(Spawning spawning, int ownPids, int* files, int groups)
    {
        const int Started = 0, InGroup = 1, InNamespace = 2, OutOfNamespace = 3, OutOfGroup = 4;
        var spawn = PosixSpawn;
        var unshare = Unshare;
        var setNamespace = SetNamespace;
        var write = Write;
        var errorNumber = ErrorNumber;
        var id = spawning.Id;
        var actions = spawning.Actions;
        var attributes = spawning.Attributes;
        var argv = spawning.Argv;
        var envp = spawning.Envp;
        var path = *(nint*)argv;
        // To a file of tasks, 0 is the thread that writes.
        var thisThread = (byte)'0';
        int error = 0, step = Started;
        for (var i = 0; i < groups && error == 0; i++)
        {
            if (write(files[i], &thisThread, 1) < 0)
            {
                error = *errorNumber();
                step = InGroup;
            }
        }

        if (error == 0 && unshare(NewPids) < 0)
        {
            error = *errorNumber();
            step = InNamespace;
        }

        if (error == 0)
            error = spawn(id, path, actions, attributes, argv, envp);
        if (setNamespace(ownPids, NewPids) < 0)
        {
            error = *errorNumber();
            step = OutOfNamespace;
        }

        for (var i = groups; i < 2 * groups; i++)
        {
            if (write(files[i], &thisThread, 1) < 0)
            {
                error = *errorNumber();
                step = OutOfGroup;
            }
        }

        return (error, step switch { Started => "posix_spawn", InNamespace => "unshare", OutOfNamespace => "setns", _ => "write tasks" });
    }

    /// <summary>The arguments of posix_spawn, whose path is the first of the command.</summary>
    internal readonly struct Spawning(int* id, byte* actions, byte* attributes, nint argv, nint envp)
    {
        public int* Id { get; } = id;

        public byte* Actions { get; } = actions;

        public byte* Attributes { get; } = attributes;

        public nint Argv { get; } = argv;

        public nint Envp { get; } = envp;

        /// <summary>Where the calling thread is.</summary>
        public (int Error, string Call) Run() => (PosixSpawn(Id, *(nint*)Argv, Actions, Attributes, Argv, Envp), "posix_spawn");
    }
}
