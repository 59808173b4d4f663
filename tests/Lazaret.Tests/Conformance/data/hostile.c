// What a hostile program would try, one attempt a child process. For each it prints the attempt's name and what stopped it: the error,
// the signal, or THROUGH when nothing did. It refuses to start anywhere but inside a sandbox.
//
// Where nothing can stop what is harmless, an attempt looks for what would make it harmful, and sets errno by itself.
//
//   hostile kernel PORT SOCKET    calls of the kernel; PORT and SOCKET (abstract) are listeners of the host that it must not reach
//   hostile remember BITS         leaves 16 bits in what is in memory of /pages; hostile recall, of a later run, writes down what it finds there
//   hostile children BYTES N      N children that each touch BYTES of memory and stay; says how many could
//   hostile touch BYTES           touches BYTES of memory
//   hostile take KIND BYTES       takes BYTES of memory that no limit of a process counts: shared, zero, stack, sockets, tables
//   hostile spin                  burns a processor
//   hostile flood                 prints
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/fs.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int port, descriptors;
static const char *socket_name;

// ---- network -------------------------------------------------------------------------------------------------------------------

static long tcp(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int inet = socket(AF_INET, SOCK_STREAM, 0);
    return inet < 0 ? -1 : connect(inet, (struct sockaddr *)&to, sizeof to);
}
static long udp(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int inet = socket(AF_INET, SOCK_DGRAM, 0);
    return inet < 0 ? -1 : sendto(inet, "x", 1, 0, (struct sockaddr *)&to, sizeof to);
}
static long abstract_socket(void) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path + 1, socket_name, sizeof to.sun_path - 2);
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(socket_name));
}
static long vsock(void) { return socket(AF_VSOCK, SOCK_STREAM, 0); }
static long raw(void) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long packet(void) { return socket(AF_PACKET, SOCK_RAW, 0); }
static long netlink(void) { return socket(AF_NETLINK, SOCK_RAW, 0); }
static long sctp(void) { return socket(AF_INET, SOCK_STREAM, 132); }
static long tipc_pair(void) { return socketpair(30, SOCK_STREAM, 0, (int[2]){0}); }
static long alg(void) { return socket(AF_ALG, SOCK_SEQPACKET, 0); }

// ---- files ---------------------------------------------------------------------------------------------------------------------

static long host_file(void) { return open("/etc/shadow", O_RDONLY); }
static long root_of_init(void) { return open("/proc/1/root/../etc/passwd", O_RDONLY); }
static long climb(void) { return chdir("/proc/self/cwd/../../../../../../sys"); }
static long write_root(void) { return open("/planted", O_WRONLY | O_CREAT, 0600); }
static long write_program(void) { return open("/hostile", O_WRONLY); }
static long write_input(void) { return open("/work/in.json", O_WRONLY); }
static long chmod_input(void) { return chmod("/work/in.json", 0666); }
static long replace_input(void) { return rename("/work/out", "/work/in.json"); }
static long core_pattern(void) { return open("/proc/sys/kernel/core_pattern", O_WRONLY); }
static long sysrq(void) { return open("/proc/sysrq-trigger", O_WRONLY); }
static long kcore(void) { return open("/proc/kcore", O_RDONLY); }
static long sysfs(void) { return access("/sys/kernel/notes", F_OK); }
static long new_terminal(void) { return open("/dev/ptmx", O_RDWR); }
static long host_disk(void) { return open("/dev/vda", O_RDONLY) < 0 ? open("/dev/sda", O_RDONLY) : 0; }
static long lock_data(void) { return flock(open("/data/shared", O_RDONLY), LOCK_EX | LOCK_NB); }
static long watch_data(void) { return inotify_add_watch(inotify_init1(0), "/data", IN_ALL_EVENTS); }
static long cached_data(void) { return syscall(451, open("/data/shared", O_RDONLY), (long[2]){0, 4096}, (long[5]){0}, 0); }
static long file_lock(int command) {
    return fcntl(open("/data/shared", O_RDONLY), command, &(struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET});
}
static long posix_lock(void) { return file_lock(F_SETLK); }
static long open_file_lock(void) { return file_lock(F_OFD_SETLK); }
static long see_locks(void) { return file_lock(F_GETLK); }
static long see_open_file_locks(void) { return file_lock(F_OFD_GETLK); }
static long lease_data(void) { return fcntl(open("/data/shared", O_RDONLY), F_SETLEASE, F_RDLCK); }
static long notify_data(void) { return fcntl(open("/data", O_RDONLY), F_NOTIFY, DN_ACCESS); }
static long hint_data(void) { return fcntl(open("/data/shared", O_RDONLY), F_SET_RW_HINT, &(uint64_t){RWH_WRITE_LIFE_SHORT}); }
static long see_hint(void) { return fcntl(open("/data/shared", O_RDONLY), F_GET_RW_HINT, &(uint64_t){0}); }
static long grow_pipe(void) { int ends[2]; return pipe(ends) ? 0 : fcntl(ends[0], F_SETPIPE_SZ, 1 << 20); }
static void *map_data(int flags) { return mmap(0, 4096, PROT_READ, flags, open("/data/shared", O_RDONLY), 0); }
static long read_without_waiting(void) {
    char byte;
    return syscall(SYS_preadv2, open("/data/shared", O_RDONLY), &(struct iovec){&byte, 1}, 1, 0, 0, RWF_NOWAIT) < 0 ? -1 : 0;
}
static long write_without_waiting(void) {
    return syscall(SYS_pwritev2, open("/tmp/written", O_RDWR | O_CREAT, 0600), &(struct iovec){"x", 1}, 1, 0, 0, RWF_HIPRI) < 0 ? -1 : 0;
}
static long evict_data(void) { return (errno = posix_fadvise(open("/data/shared", O_RDONLY), 0, 0, POSIX_FADV_DONTNEED)) ? -1 : 0; }
static long fetch_data(void) { return readahead(open("/data/shared", O_RDONLY), 0, 4096); }
static long see_pages(void) { unsigned char seen; return mincore(map_data(MAP_SHARED), 4096, &seen); }
static long advise(int advice) { return madvise(map_data(MAP_SHARED), 4096, advice); }
static long want_pages(void) { return advise(MADV_WILLNEED); }
static long cool_pages(void) { return advise(20); }
static long page_out(void) { return advise(21); }
static long huge_pages_of_a_file(void) { return advise(MADV_HUGEPAGE); }
static long collapse_pages(void) { return advise(25); }
static long merge_pages(void) { return madvise(mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096, MADV_MERGEABLE); }
static long order_pages(void) { return syscall(SYS_remap_file_pages, map_data(MAP_SHARED), 4096, 0, 0, 0); }
static long advise_others(void) {
    return syscall(440, syscall(SYS_pidfd_open, getpid(), 0), &(struct iovec){map_data(MAP_SHARED), 4096}, 1, 20, 0) < 0 ? -1 : 0;
}
static long write_back(void) { return sync_file_range(open("/data/shared", O_RDONLY), 0, 0, SYNC_FILE_RANGE_WRITE); }
// A file that was changed since it was last read gets the time of the next reading, wherever that is written down.
static long date_data(void) {
    struct stat before, after;
    char byte;
    int file = open("/data/shared", O_RDONLY);
    if (fstat(file, &before) || read(file, &byte, 1) != 1 || fstat(file, &after)) return 0;
    return memcmp(&before.st_atim, &after.st_atim, sizeof before.st_atim) ? 0 : (errno = EROFS, -1);
}
// What the file system of /data answers itself: where a file lies on the disk, and what of that it remembers.
static long command_data(unsigned long command) { return ioctl(open("/data/shared", O_RDONLY), command, (char[512]){0}); }
static long see_extents(void) { return command_data(0xc020660b); }
static long see_cached_extents(void) { return command_data(0xc020662a); }
static long cache_extents(void) { return command_data(0x6612); }
static long send_to_pipe(void) { int ends[2]; return pipe(ends) ? 0 : sendfile(ends[1], open("/data/shared", O_RDONLY), 0, 1) < 0 ? -1 : 0; }
static long splice_to_pipe(void) { int ends[2]; return pipe(ends) ? 0 : splice(open("/data/shared", O_RDONLY), 0, ends[1], 0, 1, 0) < 0 ? -1 : 0; }
static long flush_disks(void) { return syscall(SYS_sync); }
static long inherited(void) { return descriptors ? 0 : (errno = EBADF, -1); }
static long host_secrets(void) {
    static const char *files[] = {"kallsyms", "kcore", "keys", "key-users", "timer_list", "sched_debug", "modules", "config.gz", "interrupts",
        "latency_stats", "cmdline", "slabinfo", "vmallocinfo", "kpageflags", "acpi/wakeup", "asound/cards", "scsi/scsi", "driver/rtc"};
    char path[64], byte;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%s", files[i]);
        int file = open(path, O_RDONLY);
        if (file >= 0 && read(file, &byte, 1) == 1) return 0;
    }
    return errno = ENODATA, -1;
}
// What the host counts and never counts down, or keeps when a run is over: a run could leave a number there for the next.
static long host_counters(void) {
    static const char *files[] = {"vmstat", "zoneinfo", "diskstats", "pressure/cpu", "pressure/io", "pressure/memory", "sys/fs/dentry-state",
        "sys/fs/inode-nr", "sys/fs/inode-state", "sys/fs/file-nr", "sys/fs/aio-nr", "fs/jbd2/vda-8/info", "fs/ext4/vda/options"};
    char path[64], byte;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%s", files[i]);
        int file = open(path, O_RDONLY);
        if (file >= 0 && read(file, &byte, 1) == 1) return 0;
    }
    return errno = ENODATA, -1;
}
static long device_node(void) { return mknod("/work/disk", S_IFBLK | 0600, makedev(8, 0)); }
static long memory_device(void) { return mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)); }
static long immutable(void) { return ioctl(open("/work", O_RDONLY), 0x40086602, &(int){0x10}); }
static long by_handle(void) {
    struct { struct file_handle handle; char bytes[128]; } h = {.handle.handle_bytes = 128};
    int mount;
    return name_to_handle_at(AT_FDCWD, "/", &h.handle, &mount, 0) || open_by_handle_at(AT_FDCWD, &h.handle, O_RDONLY) < 0 ? -1 : 0;
}

// ---- namespaces and mounts -----------------------------------------------------------------------------------------------------

static long mount_proc(void) { return mount("proc", "/tmp", "proc", 0, 0); }
static long mount_tmpfs(void) { return mount("tmpfs", "/tmp", "tmpfs", 0, 0); }
static long remount(void) { return mount(0, "/", 0, MS_REMOUNT | MS_BIND, 0); }
static long unmount(void) { return umount2("/work", MNT_DETACH); }
static long new_mount(void) { return syscall(SYS_fsopen, "tmpfs", 0); }
static long tree(void) { return syscall(SYS_open_tree, AT_FDCWD, "/", 1); }
static long pivot(void) { return syscall(SYS_pivot_root, "/tmp", "/tmp"); }
static long jail(void) { return chroot("/tmp"); }
static long user_namespace(void) { return unshare(CLONE_NEWUSER); }
static long mount_namespace(void) { return unshare(CLONE_NEWNS); }
static long net_namespace(void) { return unshare(CLONE_NEWNET); }
static long cloned_namespace(void) { return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }
static long cloned3_namespace(void) {
    unsigned long long arguments[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
    return syscall(SYS_clone3, arguments, sizeof arguments);
}
static long join(void) { return setns(open("/proc/1/ns/mnt", O_RDONLY), 0); }
static long attach_tree(void) { return syscall(429, AT_FDCWD, "/", AT_FDCWD, "/tmp", 0); }
static long mount_attributes(void) { return syscall(442, AT_FDCWD, "/", 0, (long[4]){0, 1}, 32); }
static long name_host(void) { return sethostname("x", 1); }

// ---- privileges ----------------------------------------------------------------------------------------------------------------

static long become_root(void) { return setuid(0); }
static long become_host_uid(void) { return setuid(1000); }
static long drop_groups(void) { return setgroups(0, 0); }
static long new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0); }
static long bounding(void) { return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0); }
static long raise_limit(void) {
    unsigned long long limit[2] = {1 << 20, 1 << 20};
    return syscall(SYS_prlimit64, 0, 6, limit, 0);
}
static long map_uids(void) { return write(open("/proc/self/uid_map", O_WRONLY), "0 0 1", 5); }
static long spare_me(void) { return write(open("/proc/self/oom_score_adj", O_WRONLY), "-1000", 5); }
static long dump_core(void) { return setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); }
static long dump_core_64(void) { return syscall(SYS_prlimit64, 0, RLIMIT_CORE, (long[2]){0, 0}, 0); }
static long priority(void) { return setpriority(PRIO_PROCESS, 0, -10); }
static long realtime(void) { return sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}); }

// ---- other processes -----------------------------------------------------------------------------------------------------------

static long trace_init(void) { return ptrace(PTRACE_ATTACH, 1, 0, 0); }
static long seize_parent(void) { return ptrace(PTRACE_SEIZE, getppid(), 0, 0); }
static long read_init(void) {
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
    return process_vm_readv(1, &here, 1, &there, 1, 0);
}
static long steal_descriptor(void) { return syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 0, 0); }
static long write_init(void) {
    struct iovec here = {"x", 1}, there = {(void *)0x400000, 1};
    return process_vm_writev(1, &here, 1, &there, 1, 0);
}
// Whoever has the program's user id can be written to through /proc/PID/mem, and then does what the program wants.
static long unfiltered(void) {
    DIR *folder = opendir("/proc");
    if (!folder) return -1;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char line[300];
        int mine = 0, seccomp;
        unsigned uid;
        snprintf(line, sizeof line, "/proc/%s/status", entry->d_name);
        FILE *file = atoi(entry->d_name) ? fopen(line, "r") : 0;
        while (file && fgets(line, sizeof line, file)) {
            if (sscanf(line, "Uid: %u", &uid) == 1) mine = uid == getuid();
            if (mine && sscanf(line, "Seccomp: %d", &seccomp) == 1 && !seccomp) return 0;
        }
    }
    return errno = ESRCH, -1;
}
static long compare(void) { return syscall(SYS_kcmp, getpid(), 1, 0, 0, 0); }

// ---- the kernel ----------------------------------------------------------------------------------------------------------------

static long add_key(void) { return syscall(SYS_add_key, "user", "x", "x", 1, KEY_SPEC_SESSION_KEYRING); }
static long keyctl(void) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1); }
static long bpf(void) { return syscall(SYS_bpf, 0, (char[128]){1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1}, 128); }
static long perf(void) {
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .exclude_kernel = 1};
    return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}
static long io_uring(void) { return syscall(SYS_io_uring_setup, 1, (char[256]){0}); }
static long user_fault(void) { return syscall(SYS_userfaultfd, 1); }
static long memory_file(void) { return syscall(SYS_memfd_create, "x", 0); }
static long secret_memory(void) { return syscall(447, 0); }
static long shared_memory(void) { return syscall(SYS_shmget, 0, 4096, 01600); }
static long message_queue(void) { return syscall(SYS_mq_open, "/x", O_CREAT | O_RDWR, 0600, 0); }
static long semaphores(void) { return syscall(SYS_semget, 0, 1, 01600); }
static long huge_pages(void) { return mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0) == MAP_FAILED ? -1 : 0; }
static long growing_stack(void) {
    return mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0) == MAP_FAILED ? -1 : 0;
}
static long gift_pages(void) { return syscall(SYS_vmsplice, 1, &(struct iovec){(void *)"", 1}, 1, 0); }
static long move_pages(void) { return syscall(SYS_move_pages, 1, 0, 0, 0, 0, 0); }
static long quota(void) { return syscall(SYS_quotactl, 0, "/dev/vda", 0, 0); }
static long load_module(void) { return syscall(SYS_init_module, "", 0, ""); }
static long load_kernel(void) { return syscall(SYS_kexec_load, 0, 0, 0, 0); }
static long restart(void) { return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0); }
static long set_clock(void) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); return clock_settime(CLOCK_REALTIME, &now); }
static long set_day(void) { struct timeval now; gettimeofday(&now, 0); return settimeofday(&now, 0); }
static long tune_clock(void) { return adjtimex(&(struct timex){.modes = ADJ_TICK, .tick = 10000}); }
static long swap(void) { return swapon("/work/out", 0); }
static long accounting(void) { return syscall(SYS_acct, "/work/out"); }
static long kernel_log(void) { return syscall(SYS_syslog, 2, (char[64]){0}, 64); }
static long watch_all(void) { return fanotify_init(0, 0); }
static long ports(void) { return syscall(SYS_ioperm, 0x80, 1, 1); }
static long personality_bits(void) { return personality(READ_IMPLIES_EXEC); }
static long segments(void) { return syscall(SYS_modify_ldt, 0, (char[64]){0}, 64); }
static long terminal(void) { return ioctl(0, TIOCSTI, "x"); }
static long x32_call(void) { return syscall(0x40000000 | SYS_getpid); }
static long x86_call(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
    return result < 0 ? (errno = -result, -1) : result;
}

static const struct { const char *name; long (*attempt)(void); } attempts[] = {
#define A(name) {#name, name}
    A(tcp), A(udp), A(abstract_socket), A(vsock), A(raw), A(packet), A(netlink), A(alg), A(sctp), A(tipc_pair),
    A(host_file), A(root_of_init), A(climb), A(write_root), A(write_program), A(write_input), A(chmod_input), A(replace_input),
    A(core_pattern), A(sysrq), A(kcore), A(device_node), A(memory_device), A(immutable), A(by_handle),
    A(sysfs), A(new_terminal), A(host_disk), A(inherited), A(host_secrets), A(host_counters),
    A(lock_data), A(posix_lock), A(open_file_lock), A(see_locks), A(see_open_file_locks), A(lease_data), A(watch_data), A(notify_data),
    A(hint_data), A(see_hint), A(grow_pipe), A(date_data), A(see_extents), A(see_cached_extents), A(cache_extents),
    A(cached_data), A(read_without_waiting), A(write_without_waiting), A(evict_data), A(fetch_data), A(see_pages), A(want_pages), A(cool_pages),
    A(page_out), A(huge_pages_of_a_file), A(collapse_pages), A(merge_pages), A(order_pages), A(advise_others), A(write_back), A(flush_disks),
    A(send_to_pipe), A(splice_to_pipe), A(growing_stack),
    A(mount_proc), A(mount_tmpfs), A(remount), A(unmount), A(new_mount), A(tree), A(pivot), A(jail), A(user_namespace),
    A(mount_namespace), A(net_namespace), A(cloned_namespace), A(cloned3_namespace), A(join), A(name_host), A(attach_tree), A(mount_attributes),
    A(become_root), A(become_host_uid), A(drop_groups), A(new_privileges), A(bounding), A(raise_limit), A(priority), A(realtime),
    A(map_uids), A(spare_me), A(dump_core), A(dump_core_64),
    A(trace_init), A(seize_parent), A(read_init), A(steal_descriptor), A(compare), A(write_init), A(unfiltered),
    A(add_key), A(keyctl), A(bpf), A(perf), A(io_uring), A(user_fault), A(memory_file), A(secret_memory), A(shared_memory),
    A(message_queue), A(semaphores), A(huge_pages), A(gift_pages), A(move_pages), A(quota), A(tune_clock),
    A(load_module), A(load_kernel), A(restart), A(set_clock), A(set_day), A(swap), A(accounting), A(kernel_log), A(watch_all),
    A(ports), A(personality_bits), A(segments), A(terminal), A(x32_call), A(x86_call),
};

static void kernel(FILE *out) {
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        int report[2], error = -1, status;
        if (pipe(report)) exit(97);
        pid_t child = fork();
        if (child == 0) {
            errno = 0;
            error = attempts[i].attempt() < 0 ? errno : 0;
            _exit(write(report[1], &error, sizeof error) != sizeof error);
        }
        close(report[1]);
        int told = read(report[0], &error, sizeof error) == sizeof error;
        close(report[0]);
        waitpid(child, &status, 0);
        if (told && error == 0) fprintf(out, "%s THROUGH\n", attempts[i].name);
        else if (told) fprintf(out, "%s %s\n", attempts[i].name, strerrorname_np(error));
        else fprintf(out, "%s signal %d\n", attempts[i].name, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
}

// ---- from one run to the next ----------------------------------------------------------------------------------------------------

#define BITS 16
#define SLOT (64 * 4096)

// A page for each bit, too far from the next to be read with it.
static const volatile char *pages(void) {
    int file = open("/pages", O_RDONLY);
    char *memory = mmap(0, BITS * SLOT, PROT_READ, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED || madvise(memory, BITS * SLOT, MADV_RANDOM)) exit(96);
    return memory;
}
static void remember(unsigned bits) {
    posix_fadvise(open("/pages", O_RDONLY), 0, 0, POSIX_FADV_DONTNEED);
    const volatile char *memory = pages();
    for (int i = 0; i < BITS; i++)
        if (bits >> i & 1) (void)memory[i * SLOT];
}
// A page that was not in memory makes a major fault.
static void recall(FILE *out) {
    const volatile char *memory = pages();
    for (int i = BITS; i-- > 0;) {
        struct rusage before, after;
        getrusage(RUSAGE_SELF, &before);
        (void)memory[i * SLOT];
        getrusage(RUSAGE_SELF, &after);
        fputc(after.ru_majflt == before.ru_majflt ? '1' : '0', out);
    }
}

static void touch(size_t bytes) {
    char *memory = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) exit(2);
    for (size_t i = 0; i < bytes; i += 4096) memory[i] = 1;
}

// ---- memory of other kinds ---------------------------------------------------------------------------------------------------------

static void fill(char *memory, size_t bytes) {
    if (memory == MAP_FAILED) exit(2);
    for (size_t i = 0; i < bytes; i += 4096) memory[i] = 1;
}
static void take_shared(size_t bytes) { fill(mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), bytes); }
static void take_zero(size_t bytes) { fill(mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/zero", O_RDWR), 0), bytes); }
// A mapping each, since a growing one may be as large as the limit on a stack.
static void take_stack(size_t bytes) {
    const size_t each = 4 << 20, apart = 512 << 20;
    for (size_t i = 0; i < bytes; i += each) {
        char *top = mmap((void *)(0x100000000000 + i / each * apart), 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
        if (top == MAP_FAILED) exit(2);
        for (size_t down = 0; down < each; down += 4096) *(volatile char *)(top - down) = 1;
    }
}
// Of pages that are only read there is one, but each two MiB need a table.
static void take_tables(size_t bytes) {
    size_t span = bytes / 4096 * (2 << 20);
    volatile char *memory = mmap(0, span, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || madvise((void *)memory, span, MADV_NOHUGEPAGE)) exit(2);
    for (size_t i = 0; i < span; i += 2 << 20) (void)memory[i];
}
// By children, since each may have so many descriptors; what one has filled stays until it ends. One that is killed has met the limit.
static void killed(int signal) { _exit(128 + signal); }
static void take_sockets(size_t bytes) {
    static char block[65536];
    const size_t each = 32 << 20;
    int done[2];
    if (pipe(done) || signal(SIGCHLD, killed) == SIG_ERR) exit(2);
    for (size_t i = 0; i < bytes; i += each) {
        if (fork()) continue;
        for (size_t filled = 0; filled < each;) {
            int ends[2];
            if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) _exit(2);
            for (ssize_t sent; (sent = send(ends[0], block, sizeof block, MSG_DONTWAIT)) > 0;) filled += sent;
        }
        _exit(write(done[1], "x", 1) == 1 ? pause() : 2);
    }
    close(done[1]);
    for (size_t i = 0; i < bytes; i += each)
        if (read(done[0], &(char){0}, 1) != 1) exit(2);
}
static void take(const char *kind, size_t bytes) {
    static const struct { const char *kind; void (*take)(size_t); } kinds[] = {
        {"shared", take_shared}, {"zero", take_zero}, {"stack", take_stack}, {"sockets", take_sockets}, {"tables", take_tables},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kind, kinds[i].kind)) {
            kinds[i].take(bytes);
            return;
        }
    exit(98);
}

// One that was killed has given its memory to the next: only those that are there together count.
static void children(unsigned long long bytes, int count) {
    pid_t child[count];
    volatile char *touched = mmap(0, count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < count; i++)
        if ((child[i] = fork()) == 0) {
            touch(bytes);
            touched[i] = 1;
            pause();
        }
    for (int settled = 0, holding; settled < 2; usleep(300000)) {
        int waiting = holding = 0;
        for (int i = 0; i < count; i++) {
            if (child[i] && waitpid(child[i], 0, WNOHANG) == child[i])
                child[i] = 0;
            waiting += child[i] && !touched[i];
            holding += child[i] && touched[i];
        }
        settled = waiting ? 0 : settled + 1;
        if (settled == 2)
            fprintf(stderr, "holding %d\n", holding);
    }
    exit(2);
}

int main(int count, char **argument) {
    char name[64];
    // Asks for its own pid alone, and so harms no host: whether a kernel takes such calls at all.
    if (count == 2 && !strcmp(argument[1], "x86")) return x86_call() < 0;
    if (gethostname(name, sizeof name) || strcmp(name, "sandbox") || getuid() != 65534 || access("/work/in.json", R_OK)) {
        fputs("hostile: this is no sandbox\n", stderr);
        return 99;
    }

    for (int fd = 3; fd < 1024; fd++) descriptors += fcntl(fd, F_GETFD) >= 0;
    FILE *out = fopen("/work/out", "w");
    if (!out || count < 2) return 98;
    if (!strcmp(argument[1], "kernel") && count == 4) {
        port = atoi(argument[2]);
        socket_name = argument[3];
        kernel(out);
    } else if (!strcmp(argument[1], "remember") && count == 3) {
        remember(atoi(argument[2]));
    } else if (!strcmp(argument[1], "recall")) {
        recall(out);
    } else if (!strcmp(argument[1], "children") && count == 4) {
        children(strtoull(argument[2], 0, 10), atoi(argument[3]));
    } else if (!strcmp(argument[1], "touch") && count == 3) {
        touch(strtoull(argument[2], 0, 10));
    } else if (!strcmp(argument[1], "take") && count == 4) {
        take(argument[2], strtoull(argument[3], 0, 10));
    } else if (!strcmp(argument[1], "spin")) {
        for (;;);
    } else if (!strcmp(argument[1], "flood")) {
        static char block[4096];
        // An interrupted write, or one that would have to wait, is no end.
        while (write(1, block, sizeof block) > 0 || errno == EINTR || errno == EAGAIN);
    } else {
        return 98;
    }
    return fclose(out);
}
