using System.Collections.Frozen;

namespace Lazaret.Tests.Conformance;

/// <summary>
/// The attempts of data/hostile.c and what stops each: the mechanism, by the error or the signal in which the attempt must end.
/// </summary>
internal static class HostileAttempts
{
    private const string Seccomp = "seccomp";
    private const string Network = "network namespace";
    private const string Mounts = "mount namespace";
    private const string ReadOnly = "read-only mount";
    private const string Capabilities = "no capabilities";
    private const string Descriptors = "every other descriptor closed";
    private const string Kernel = "the kernel, always";

    public static FrozenDictionary<string, HostileAttempt> All { get; } = new HostileThreat[]
    {
        new("network, the host's loopback and its abstract sockets")
        {
            { "tcp", Seccomp, "ENOSYS" },
            { "udp", Seccomp, "ENOSYS" },
            { "abstract_socket", Network, "ECONNREFUSED" },
        },
        new("AF_VSOCK, AF_PACKET, AF_NETLINK, AF_ALG, SCTP, TIPC")
        {
            { "vsock", Seccomp, "ENOSYS" },
            { "raw", Seccomp, "ENOSYS" },
            { "packet", Seccomp, "ENOSYS" },
            { "netlink", Seccomp, "ENOSYS" },
            { "alg", Seccomp, "ENOSYS" },
            { "sctp", Seccomp, "ENOSYS" },
            { "tipc_pair", Seccomp, "ENOSYS" },
        },
        new("reading or writing the host's files")
        {
            { "host_file", Mounts, "ENOENT" },
            { "root_of_init", Mounts, "EACCES", "ENOENT" },
            { "climb", Mounts, "ENOENT" },
            { "core_pattern", ReadOnly, "EROFS", "EACCES" },
            { "sysrq", ReadOnly, "EROFS", "EACCES", "ENOENT" },
            { "kcore", Mounts, "EACCES", "ENOENT" },
            { "device_node", Capabilities, "EPERM" },
            { "memory_device", Capabilities, "EPERM" },
            { "by_handle", Seccomp, "ENOSYS" },
            { "sysfs", Mounts, "ENOENT" },
            { "host_disk", Mounts, "ENOENT" },
            { "inherited", Descriptors, "EBADF" },
            { "host_secrets", Mounts, "ENODATA" },
        },
        new("writing the root, the data, the inputs")
        {
            { "write_root", ReadOnly, "EROFS" },
            { "write_program", ReadOnly, "EROFS", "ETXTBSY" },
            { "write_input", ReadOnly, "EROFS", "EACCES" },
            { "chmod_input", ReadOnly, "EROFS" },
            { "replace_input", ReadOnly, "EBUSY" },
            { "immutable", Seccomp, "ENOSYS" },
        },
        new("locks, leases, watches and marks on the data, which other runs see")
        {
            { "lock_data", Seccomp, "ENOSYS" },
            { "posix_lock", Seccomp, "ENOSYS" },
            { "open_file_lock", Seccomp, "ENOSYS" },
            { "see_locks", Seccomp, "ENOSYS" },
            { "see_open_file_locks", Seccomp, "ENOSYS" },
            { "lease_data", Seccomp, "ENOSYS" },
            { "watch_data", Seccomp, "ENOSYS" },
            { "notify_data", Seccomp, "ENOSYS" },
            { "hint_data", Seccomp, "ENOSYS" },
            { "see_hint", Seccomp, "ENOSYS" },
            { "date_data", ReadOnly, "EROFS" },
        },
        new("asking the kernel what of a file is in memory, or changing it")
        {
            { "cached_data", Seccomp, "ENOSYS" },
            { "read_without_waiting", Seccomp, "ENOSYS" },
            { "write_without_waiting", Seccomp, "ENOSYS" },
            { "evict_data", Seccomp, "ENOSYS" },
            { "fetch_data", Seccomp, "ENOSYS" },
            { "see_pages", Seccomp, "ENOSYS" },
            { "want_pages", Seccomp, "ENOSYS" },
            { "cool_pages", Seccomp, "ENOSYS" },
            { "page_out", Seccomp, "ENOSYS" },
            { "huge_pages_of_a_file", Seccomp, "ENOSYS" },
            { "collapse_pages", Seccomp, "ENOSYS" },
            { "merge_pages", Seccomp, "ENOSYS" },
            { "order_pages", Seccomp, "ENOSYS" },
            { "advise_others", Seccomp, "ENOSYS" },
            { "write_back", Seccomp, "ENOSYS" },
            { "flush_disks", Seccomp, "ENOSYS" },
            { "see_extents", Seccomp, "ENOSYS" },
            { "see_cached_extents", Seccomp, "ENOSYS" },
            { "cache_extents", Seccomp, "ENOSYS" },
        },
        new("pages of files passed on by reference")
        {
            { "gift_pages", Seccomp, "ENOSYS" },
            { "splice_to_pipe", Seccomp, "ENOSYS" },
            { "send_to_pipe", Seccomp, "ENOSYS" },
        },
        new("the host's counters of names, files, pages, disks and pressure")
        {
            { "host_counters", Mounts, "ENODATA" },
        },
        new("signalling or tracing other processes")
        {
            { "trace_init", Seccomp, "ENOSYS" },
            { "seize_parent", Seccomp, "ENOSYS" },
            { "read_init", Seccomp, "ENOSYS" },
            { "steal_descriptor", Seccomp, "ENOSYS" },
            { "compare", Seccomp, "ENOSYS" },
            { "write_init", Seccomp, "ENOSYS" },
            { "unfiltered", Seccomp, "ESRCH" },
        },
        new("becoming root, gaining capabilities")
        {
            { "become_root", Capabilities, "EPERM", "EINVAL" },
            { "become_host_uid", Capabilities, "EPERM", "EINVAL" },
            { "drop_groups", Capabilities, "EPERM" },
            { "new_privileges", Kernel, "EINVAL" },
            { "bounding", Capabilities, "EPERM" },
            { "raise_limit", Capabilities, "EPERM" },
            { "priority", Capabilities, "EACCES" },
            { "realtime", Capabilities, "EPERM" },
            { "map_uids", Capabilities, "EPERM" },
            { "spare_me", Capabilities, "EACCES" },
        },
        new("new namespaces, mounts, chroot")
        {
            { "mount_proc", Seccomp, "ENOSYS" },
            { "mount_tmpfs", Seccomp, "ENOSYS" },
            { "remount", Seccomp, "ENOSYS" },
            { "unmount", Seccomp, "ENOSYS" },
            { "new_mount", Seccomp, "ENOSYS" },
            { "tree", Seccomp, "ENOSYS" },
            { "pivot", Seccomp, "ENOSYS" },
            { "jail", Seccomp, "ENOSYS" },
            { "user_namespace", Seccomp, "ENOSYS" },
            { "mount_namespace", Seccomp, "ENOSYS" },
            { "net_namespace", Seccomp, "ENOSYS" },
            { "cloned_namespace", Seccomp, "ENOSYS" },
            { "cloned3_namespace", Seccomp, "ENOSYS" },
            { "join", Seccomp, "ENOSYS" },
            { "name_host", Seccomp, "ENOSYS" },
            { "attach_tree", Seccomp, "ENOSYS" },
            { "mount_attributes", Seccomp, "ENOSYS" },
        },
        new("keyrings, bpf, perf, io_uring, userfaultfd, modules, kexec, clocks, swap, 32-bit and x32 calls")
        {
            { "add_key", Seccomp, "ENOSYS" },
            { "keyctl", Seccomp, "ENOSYS" },
            { "bpf", Seccomp, "ENOSYS" },
            { "perf", Seccomp, "ENOSYS" },
            { "io_uring", Seccomp, "ENOSYS" },
            { "user_fault", Seccomp, "ENOSYS" },
            { "memory_file", Seccomp, "ENOSYS" },
            { "secret_memory", Seccomp, "ENOSYS" },
            { "shared_memory", Seccomp, "ENOSYS" },
            { "message_queue", Seccomp, "ENOSYS" },
            { "semaphores", Seccomp, "ENOSYS" },
            { "move_pages", Seccomp, "ENOSYS" },
            { "quota", Seccomp, "ENOSYS" },
            { "load_module", Seccomp, "ENOSYS" },
            { "load_kernel", Seccomp, "ENOSYS" },
            { "restart", Seccomp, "ENOSYS" },
            { "set_clock", Seccomp, "ENOSYS" },
            { "set_day", Seccomp, "ENOSYS" },
            { "tune_clock", Seccomp, "ENOSYS" },
            { "swap", Seccomp, "ENOSYS" },
            { "accounting", Seccomp, "ENOSYS" },
            { "kernel_log", Seccomp, "ENOSYS" },
            { "watch_all", Seccomp, "ENOSYS" },
            { "ports", Seccomp, "ENOSYS" },
            { "personality_bits", Seccomp, "ENOSYS" },
            { "segments", Seccomp, "ENOSYS" },
            { "x32_call", Seccomp, "signal 31" },
            { "x86_call", Seccomp, "signal 31" },
        },
        new("core dumps for the host's crash handler")
        {
            { "dump_core", Seccomp, "ENOSYS" },
            { "dump_core_64", Seccomp, "ENOSYS" },
        },
        new("huge pages, growing stacks, pipes' buffers, terminals of the host's number")
        {
            { "huge_pages", Seccomp, "ENOSYS" },
            { "growing_stack", Seccomp, "ENOSYS" },
            { "grow_pipe", Seccomp, "ENOSYS" },
            { "new_terminal", Mounts, "ENOENT" },
            { "terminal", Seccomp, "ENOSYS" },
        },
    }.SelectMany(threat => threat).ToFrozenDictionary(attempt => attempt.Name);

    /// <summary>
    /// How else an attempt may end where the program has a kernel of its own. That kernel has its own errors; and what goes through touches
    /// nothing of the host: its /sys, its terminals, its files of /proc and its times of reading are of its making, its priorities are among
    /// the program's own.
    /// </summary>
    private static readonly FrozenDictionary<string, string> OnItsOwnKernel = new Dictionary<string, string>
    {
        ["climb"] = "THROUGH",
        ["date_data"] = "THROUGH",
        ["core_pattern"] = "ENOENT",
        ["new_terminal"] = "THROUGH",
        ["host_secrets"] = "THROUGH",
        ["host_counters"] = "THROUGH",
        ["spare_me"] = "THROUGH",
        ["bounding"] = "EINVAL",
        ["priority"] = "THROUGH",
        ["realtime"] = "EINVAL",
        // gVisor takes the 32-bit way in for the 64-bit call of that number.
        ["x86_call"] = "EBADF",
    }.ToFrozenDictionary();

    /// <summary>How an attempt may end.</summary>
    public static IEnumerable<string> Ends(string attempt, bool onItsOwnKernel)
    {
        var (_, _, mechanism, ends) = All[attempt];
        if (attempt == "x86_call" && !HostileProgram.HostTakes32BitCalls)
            ends = [.. ends, "signal 11"];
        return onItsOwnKernel && OnItsOwnKernel.TryGetValue(attempt, out var other) ? [.. ends, other]
            // gVisor's seccomp has one error for all.
            : onItsOwnKernel && mechanism == Seccomp ? [.. ends, "EPERM"]
            : ends;
    }
}
