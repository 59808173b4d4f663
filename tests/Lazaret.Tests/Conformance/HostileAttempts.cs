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

    public static FrozenDictionary<string, (string Mechanism, string[] Ends)> All { get; } = new Dictionary<string, (string, string[])>
    {
        ["tcp"] = (Seccomp, ["ENOSYS"]),
        ["udp"] = (Seccomp, ["ENOSYS"]),
        ["abstract_socket"] = (Network, ["ECONNREFUSED"]),
        ["vsock"] = (Seccomp, ["ENOSYS"]),
        ["raw"] = (Seccomp, ["ENOSYS"]),
        ["packet"] = (Seccomp, ["ENOSYS"]),
        ["netlink"] = (Seccomp, ["ENOSYS"]),
        ["alg"] = (Seccomp, ["ENOSYS"]),
        ["sctp"] = (Seccomp, ["ENOSYS"]),
        ["tipc_pair"] = (Seccomp, ["ENOSYS"]),
        ["host_file"] = (Mounts, ["ENOENT"]),
        ["root_of_init"] = (Mounts, ["EACCES", "ENOENT"]),
        ["climb"] = (Mounts, ["ENOENT"]),
        ["write_root"] = (ReadOnly, ["EROFS"]),
        ["write_program"] = (ReadOnly, ["EROFS", "ETXTBSY"]),
        ["write_input"] = (ReadOnly, ["EROFS", "EACCES"]),
        ["chmod_input"] = (ReadOnly, ["EROFS"]),
        ["replace_input"] = (ReadOnly, ["EBUSY"]),
        ["core_pattern"] = (ReadOnly, ["EROFS", "EACCES"]),
        ["sysrq"] = (ReadOnly, ["EROFS", "EACCES", "ENOENT"]),
        ["kcore"] = (Mounts, ["EACCES", "ENOENT"]),
        ["device_node"] = (Capabilities, ["EPERM"]),
        ["memory_device"] = (Capabilities, ["EPERM"]),
        ["immutable"] = (Capabilities, ["EPERM", "ENOTTY", "EOPNOTSUPP"]),
        ["by_handle"] = (Seccomp, ["ENOSYS"]),
        ["sysfs"] = (Mounts, ["ENOENT"]),
        ["new_terminal"] = (Mounts, ["ENOENT"]),
        ["host_disk"] = (Mounts, ["ENOENT"]),
        ["lock_data"] = (Seccomp, ["ENOSYS"]),
        ["watch_data"] = (Seccomp, ["ENOSYS"]),
        ["cached_data"] = (Seccomp, ["ENOSYS"]),
        ["flush_disks"] = (Seccomp, ["ENOSYS"]),
        ["inherited"] = (Descriptors, ["EBADF"]),
        ["host_secrets"] = (Mounts, ["ENODATA"]),
        ["mount_proc"] = (Seccomp, ["ENOSYS"]),
        ["mount_tmpfs"] = (Seccomp, ["ENOSYS"]),
        ["remount"] = (Seccomp, ["ENOSYS"]),
        ["unmount"] = (Seccomp, ["ENOSYS"]),
        ["new_mount"] = (Seccomp, ["ENOSYS"]),
        ["tree"] = (Seccomp, ["ENOSYS"]),
        ["pivot"] = (Seccomp, ["ENOSYS"]),
        ["jail"] = (Seccomp, ["ENOSYS"]),
        ["user_namespace"] = (Seccomp, ["ENOSYS"]),
        ["mount_namespace"] = (Seccomp, ["ENOSYS"]),
        ["net_namespace"] = (Seccomp, ["ENOSYS"]),
        ["cloned_namespace"] = (Seccomp, ["ENOSYS"]),
        ["cloned3_namespace"] = (Seccomp, ["ENOSYS"]),
        ["join"] = (Seccomp, ["ENOSYS"]),
        ["name_host"] = (Seccomp, ["ENOSYS"]),
        ["attach_tree"] = (Seccomp, ["ENOSYS"]),
        ["mount_attributes"] = (Seccomp, ["ENOSYS"]),
        ["become_root"] = (Capabilities, ["EPERM", "EINVAL"]),
        ["become_host_uid"] = (Capabilities, ["EPERM", "EINVAL"]),
        ["drop_groups"] = (Capabilities, ["EPERM"]),
        ["new_privileges"] = (Kernel, ["EINVAL"]),
        ["bounding"] = (Capabilities, ["EPERM"]),
        ["raise_limit"] = (Capabilities, ["EPERM"]),
        ["priority"] = (Capabilities, ["EACCES"]),
        ["realtime"] = (Capabilities, ["EPERM"]),
        ["map_uids"] = (Capabilities, ["EPERM"]),
        ["spare_me"] = (Capabilities, ["EACCES"]),
        ["dump_core"] = (Seccomp, ["ENOSYS"]),
        ["dump_core_64"] = (Seccomp, ["ENOSYS"]),
        ["trace_init"] = (Seccomp, ["ENOSYS"]),
        ["seize_parent"] = (Seccomp, ["ENOSYS"]),
        ["read_init"] = (Seccomp, ["ENOSYS"]),
        ["steal_descriptor"] = (Seccomp, ["ENOSYS"]),
        ["compare"] = (Seccomp, ["ENOSYS"]),
        ["write_init"] = (Seccomp, ["ENOSYS"]),
        ["unfiltered"] = (Seccomp, ["ESRCH"]),
        ["add_key"] = (Seccomp, ["ENOSYS"]),
        ["keyctl"] = (Seccomp, ["ENOSYS"]),
        ["bpf"] = (Seccomp, ["ENOSYS"]),
        ["perf"] = (Seccomp, ["ENOSYS"]),
        ["io_uring"] = (Seccomp, ["ENOSYS"]),
        ["user_fault"] = (Seccomp, ["ENOSYS"]),
        ["memory_file"] = (Seccomp, ["ENOSYS"]),
        ["secret_memory"] = (Seccomp, ["ENOSYS"]),
        ["shared_memory"] = (Seccomp, ["ENOSYS"]),
        ["message_queue"] = (Seccomp, ["ENOSYS"]),
        ["semaphores"] = (Seccomp, ["ENOSYS"]),
        ["huge_pages"] = (Seccomp, ["ENOSYS"]),
        ["gift_pages"] = (Seccomp, ["ENOSYS"]),
        ["move_pages"] = (Seccomp, ["ENOSYS"]),
        ["quota"] = (Seccomp, ["ENOSYS"]),
        ["load_module"] = (Seccomp, ["ENOSYS"]),
        ["load_kernel"] = (Seccomp, ["ENOSYS"]),
        ["restart"] = (Seccomp, ["ENOSYS"]),
        ["set_clock"] = (Seccomp, ["ENOSYS"]),
        ["set_day"] = (Seccomp, ["ENOSYS"]),
        ["tune_clock"] = (Seccomp, ["ENOSYS"]),
        ["swap"] = (Seccomp, ["ENOSYS"]),
        ["accounting"] = (Seccomp, ["ENOSYS"]),
        ["kernel_log"] = (Seccomp, ["ENOSYS"]),
        ["watch_all"] = (Seccomp, ["ENOSYS"]),
        ["ports"] = (Seccomp, ["ENOSYS"]),
        ["personality_bits"] = (Seccomp, ["ENOSYS"]),
        ["segments"] = (Seccomp, ["ENOSYS"]),
        ["terminal"] = (Seccomp, ["ENOSYS"]),
        ["x32_call"] = (Seccomp, ["signal 31"]),
        ["x86_call"] = (Seccomp, ["signal 31"]),
    }.ToFrozenDictionary();

    /// <summary>
    /// How else an attempt may end where the program has a kernel of its own. That kernel has its own errors; and what goes through touches
    /// nothing of the host: its /sys, its terminals and its files of /proc are of its making, its priorities are among the program's own.
    /// </summary>
    private static readonly FrozenDictionary<string, string> OnItsOwnKernel = new Dictionary<string, string>
    {
        ["climb"] = "THROUGH",
        ["core_pattern"] = "ENOENT",
        ["new_terminal"] = "THROUGH",
        ["host_secrets"] = "THROUGH",
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
        var (mechanism, ends) = All[attempt];
        return onItsOwnKernel && OnItsOwnKernel.TryGetValue(attempt, out var other) ? [.. ends, other]
            // gVisor's seccomp has one error for all.
            : onItsOwnKernel && mechanism == Seccomp ? [.. ends, "EPERM"]
            : ends;
    }
}
