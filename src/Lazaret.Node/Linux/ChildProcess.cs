using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>
/// A tool of the host. posix_spawn starts it with default signals and the given descriptors, all others closed. It inherits the namespaces and
/// control groups of the <em>thread</em> that starts it. <see cref="System.Diagnostics.Process"/> can pass on three descriptors at most.
/// </summary>
internal sealed unsafe partial class ChildProcess : IDisposable
{
    private readonly SafeFileHandle _handle;

    private int? _exitCode;

    private ChildProcess(int id, SafeFileHandle handle)
    {
        Id = id;
        _handle = handle;
    }

    /// <summary>The process id in the node's own pid namespace.</summary>
    public int Id { get; }

    /// <param name="command">The program's path, and its arguments.</param>
    /// <param name="descriptors">Its descriptors 0, 1, 2, …; all others are closed.</param>
    public static ChildProcess Start(IReadOnlyList<string> command, params ReadOnlySpan<SafeFileHandle> descriptors) => Start(command, descriptors, startsIn: null);

    /// <summary>
    /// Like <see cref="Start(IReadOnlyList{string}, ReadOnlySpan{SafeFileHandle})"/>, but the process is the first one (pid 1) of a new pid namespace: killing it kills all
    /// processes in there, and once it has been waited for, none is left.
    /// </summary>
    /// <param name="groups">The folders of the control groups of version 1 that the process begins in; the thread that starts it is put back into those above them.</param>
    public static ChildProcess StartFirst(IReadOnlyList<string> command, ReadOnlySpan<SafeFileHandle> descriptors, params IReadOnlyList<string> groups)
    {
        using var place = new StartPlace(groups);
        return Start(command, descriptors, place);
    }

    private static ChildProcess Start(IReadOnlyList<string> command, ReadOnlySpan<SafeFileHandle> descriptors, StartPlace? startsIn)
    {
        // Room for posix_spawn_file_actions_t, posix_spawnattr_t and sigset_t, with some to spare.
        var actions = stackalloc byte[512];
        var attributes = stackalloc byte[1024];
        var signals = stackalloc byte[256];
        Check(InitializeActions(actions), "posix_spawn_file_actions_init");
        Check(InitializeAttributes(attributes), "posix_spawnattr_init");
        var copies = new List<SafeFileHandle>();
        try
        {
            for (var i = 0; i < descriptors.Length; i++)
            {
                // Each descriptor is first copied to a number above all targets: otherwise one dup2 could overwrite the source of the next.
                copies.Add(CopyAbove(descriptors[i]));
                Check(AddDuplicate(actions, (int)copies[i].DangerousGetHandle(), i), "posix_spawn_file_actions_adddup2");
            }

            Check(AddCloseFrom(actions, descriptors.Length), "posix_spawn_file_actions_addclosefrom_np");
            const short DefaultSignals = 4;
            const short SignalMask = 8;
            Check(FillSignals(signals), "sigfillset");
            Check(SetDefaultSignals(attributes, signals), "posix_spawnattr_setsigdefault");
            Check(EmptySignals(signals), "sigemptyset");
            Check(SetSignalMask(attributes, signals), "posix_spawnattr_setsigmask");
            Check(SetFlags(attributes, DefaultSignals | SignalMask), "posix_spawnattr_setflags");
            using var argv = new NativeStrings(command);
            using var envp = new NativeStrings(Tools.Variables);
            var id = 0;
            var start = new StartPlace.Spawning(&id, actions, attributes, argv.Pointer, envp.Pointer);
            var (error, call) = startsIn is null ? start.Run() : startsIn.Run(start);
            if (id != 0 && error != 0)
                End(id);
            Check(error, $"{call} {command[0]}");
            return Adopt(id);
        }
        finally
        {
            foreach (var copy in copies)
                copy.Dispose();
            _ = DestroyActions(actions);
            _ = DestroyAttributes(attributes);
        }
    }

    /// <summary>Kills it; where it is the first of a pid namespace, with everything in there.</summary>
    public void Kill() => LinuxCalls.Kill(_handle);

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded
    {
        get
        {
            const int ByHandle = 3;
            const int ExitedNoHangNoWait = 4 | 1 | 0x0100_0000;
            const int IdOffset = 16;
            var information = stackalloc byte[128];
            *(int*)(information + IdOffset) = 0;
            return _exitCode is not null
                || LinuxCalls.WithHandle(_handle, handle => Wait(ByHandle, (uint)handle, (nint)information, ExitedNoHangNoWait)) < 0
                || *(int*)(information + IdOffset) != 0;
        }
    }

    /// <summary>Blocks until it has ended; its exit code, or 128 and the signal that ended it.</summary>
    public int WaitForExit()
    {
        const int ByHandle = 3;
        const int Exited = 4;
        const int Interrupted = 4;
        const int CodeOffset = 8;
        const int StatusOffset = 24;
        const int EndedByItself = 1;
        if (_exitCode is { } known)
            return known;
        var information = stackalloc byte[128];
        while (LinuxCalls.WithHandle(_handle, handle => Wait(ByHandle, (uint)handle, (nint)information, Exited)) < 0)
        {
            if (Marshal.GetLastPInvokeError() is var error and not Interrupted)
                throw LinuxCalls.Failed("waitid", error);
        }

        var status = *(int*)(information + StatusOffset);
        _exitCode = *(int*)(information + CodeOffset) == EndedByItself ? status : 128 + status;
        return _exitCode.Value;
    }

    /// <summary>Also waits for its end: a process stays in the kernel's table until its parent has waited for it.</summary>
    public void Dispose()
    {
        WaitForExit();
        _handle.Dispose();
    }

    /// <summary>A child that no handle can be opened for (the node may have as many descriptors as it may) is killed, and waited for by its id.</summary>
    private static ChildProcess Adopt(int id)
    {
        try
        {
            return new ChildProcess(id, LinuxCalls.OpenProcess(id));
        }
        catch
        {
            End(id);
            throw;
        }
    }

    private static void End(int id)
    {
        const int ById = 1;
        const int Exited = 4;
        LinuxCalls.Kill(id);
        _ = Wait(ById, (uint)id, 0, Exited);
    }

    private static SafeFileHandle CopyAbove(SafeFileHandle handle)
    {
        const int DuplicateCloseOnExec = 1030;
        const int First = 64;
        var copy = LinuxCalls.WithHandle(handle, descriptor => Control((int)descriptor, DuplicateCloseOnExec, First));
        return copy >= 0 ? new SafeFileHandle((nint)copy, ownsHandle: true) : throw LinuxCalls.Failed("fcntl");
    }

    private static void Check(int error, string call)
    {
        if (error != 0)
            throw LinuxCalls.Failed(call, error);
    }

    /// <summary>An array of pointers to strings, ended by a null.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly nint[] _strings;
        private readonly GCHandle _pinned;

        public NativeStrings(IEnumerable<string> strings)
        {
            _strings = [.. strings.Select(Marshal.StringToCoTaskMemUTF8), 0];
            _pinned = GCHandle.Alloc(_strings, GCHandleType.Pinned);
        }

        public nint Pointer => _pinned.AddrOfPinnedObject();

        public void Dispose()
        {
            _pinned.Free();
            foreach (var text in _strings)
                Marshal.FreeCoTaskMem(text);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static partial int AddCloseFrom(byte* actions, int first);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int InitializeAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaultSignals(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int FillSignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int Wait(int kind, uint id, nint information, int options);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int value);
}
