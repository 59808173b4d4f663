// The first and only program of a microVM: it runs one job and stops the machine. It is the other half of
// Lazaret.Node/Sandboxes/MicroVm; docs/sandboxes.md says what lies on the drives.
//
//   1. boot: the file systems and modules that a job will need; then "ready", the state that a template is taken of;
//   2. wait until the input drive says LZI1, and take the time and fresh entropy from it;
//   3. build the job's root, and run the job below a reaper that is the first process of its own pid namespace;
//   4. when it has ended or its time is over, write what it printed and left behind, and the header that makes it count last.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define CHUNK (1 << 20)
#define NOBODY 65534
#define ROOT "/root"
#define IN "/in"
#define GROUP "/group/job"

enum { COMPLETED = 0, EXITED = 1, TIMED_OUT = 2, BAD_OUTPUT = 3 };

// What the header of the output drive says, little endian as everything here.
struct answer {
    char magic[4];
    uint32_t status, code, unused;  // code: the exit code, or why the output is none
    uint64_t size;          // of the output file, also where it is too large to be sent
    uint64_t log, output;   // bytes of each, one after the other from the second sector on
    uint64_t peak, cpu, killed;
};

enum { MISSING = 1, IRREGULAR = 2, HARD_LINK = 3, TOO_LARGE = 4 };

struct job {
    uint64_t now, memory, work, temp, timeout;
    uint32_t pids, quota, inodes, output, log, inputs;
    char *name, **arguments, **environment;
};

// ---- what can go wrong here is the machine's fault -----------------------------------------------------------------------------

static int is_machine = 1;

static _Noreturn void stop(void) {
    reboot(RB_AUTOBOOT);
    _exit(1);
}

static _Noreturn void fail(const char *what) {
    printf("init: %s: %s\n", what, strerror(errno));
    if (is_machine)
        stop();
    _exit(127);
}

static long check(long result, const char *what) {
    if (result < 0)
        fail(what);
    return result;
}

static char *format(const char *text, ...) {
    va_list values;
    char *made;
    va_start(values, text);
    check(vasprintf(&made, text, values), "vasprintf");
    va_end(values);
    return made;
}

static void mount_at(const char *source, const char *target, const char *type, unsigned long flags, const char *options) {
    if (mount(source, target, type, flags, options) < 0)
        fail(format("mount %s at %s", source, target));
}

static void write_to(const char *path, const char *text) {
    int file = check(open(path, O_WRONLY | O_CLOEXEC), path);
    check(write(file, text, strlen(text)), path);
    close(file);
}

static void make_file(const char *path) { close(check(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444), path)); }

static void make_folders(char *path) {
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = 0;
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            fail(path);
        if (!slash)
            return;
        *slash = '/';
    }
}

static void bind_read_only(const char *source, const char *target) {
    mount_at(source, target, NULL, MS_BIND, NULL);
    mount_at(NULL, target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}

// ---- 1. boot -------------------------------------------------------------------------------------------------------------------

static void load_modules(void) {
    char name[64];
    FILE *list = fopen("/modules/order", "r");
    if (!list)
        fail("/modules/order");
    while (fscanf(list, "%63s", name) == 1) {
        int file = check(open(format("/modules/%s", name), O_RDONLY | O_CLOEXEC), name);
        check(syscall(SYS_finit_module, file, "", 0), name);
        close(file);
    }
    fclose(list);
}

static void make_device(const char *path, int major, int minor) { check(mknod(path, S_IFCHR | 0666, makedev(major, minor)), path); }

static void boot(void) {
    umask(0);
    for (const char **folder = (const char *[]){"/dev", "/proc", "/group", "/image", IN, ROOT, NULL}; *folder; folder++)
        mkdir(*folder, 0755);
    mount_at("dev", "/dev", "devtmpfs", 0, NULL);
    int console = check(open("/dev/console", O_RDWR), "/dev/console");
    for (int i = 0; i < 3; i++)
        dup2(console, i);
    if (console > 2)
        close(console);
    setlinebuf(stdout);
    load_modules();

    mount_at("proc", "/proc", "proc", 0, NULL);
    write_to("/proc/sys/user/max_user_namespaces", "0");
    mount_at("group", "/group", "cgroup2", 0, NULL);
    write_to("/group/cgroup.subtree_control", "+memory +pids +cpu");
    check(mkdir(GROUP, 0755), GROUP);
    check(sethostname("sandbox", 7), "sethostname");

    // The job's root but for its image: a tmpfs of mount points.
    mount_at("root", ROOT, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m");
    mount_at("in", IN, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=100%");
    for (const char **folder = (const char *[]){"dev", "proc", "tmp", "work", NULL}; *folder; folder++)
        check(mkdir(format(ROOT "/%s", *folder), 0755), *folder);
    mount_at("dev", ROOT "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k");
    check(mkdir(ROOT "/dev/shm", 0755), "/dev/shm");
    make_device(ROOT "/dev/null", 1, 3);
    make_device(ROOT "/dev/zero", 1, 5);
    make_device(ROOT "/dev/full", 1, 7);
    make_device(ROOT "/dev/random", 1, 8);
    make_device(ROOT "/dev/urandom", 1, 9);
    make_device(ROOT "/dev/tty", 5, 0);
    check(symlink("/proc/self/fd", ROOT "/dev/fd"), "/dev/fd");
    check(symlink("/proc/self/fd/0", ROOT "/dev/stdin"), "/dev/stdin");
    check(symlink("/proc/self/fd/1", ROOT "/dev/stdout"), "/dev/stdout");
    check(symlink("/proc/self/fd/2", ROOT "/dev/stderr"), "/dev/stderr");
}

// ---- 2. the input drive --------------------------------------------------------------------------------------------------------

static char *next;
static char *end;

static void *take(size_t length) {
    if (length > (size_t)(end - next)) {
        errno = EBADMSG;
        fail("the input drive");
    }
    void *taken = next;
    next += length;
    return taken;
}

static uint32_t take32(void) {
    uint32_t value;
    memcpy(&value, take(sizeof value), sizeof value);
    return value;
}

static uint64_t take64(void) {
    uint64_t value;
    memcpy(&value, take(sizeof value), sizeof value);
    return value;
}

// Ended by a zero byte, which its length counts.
static char *take_text(void) { return take(take32()); }

static char **take_texts(void) {
    uint32_t count = take32();
    char **texts = calloc(count + 1, sizeof *texts);
    for (uint32_t i = 0; i < count; i++)
        texts[i] = take_text();
    return texts;
}

// O_DIRECT everywhere: what a template has read of its empty drives must not be found in a cache. Nor is a drive as large as it was then.
static void read_drive(int drive, char *to, size_t length, uint64_t offset) {
    for (size_t done = 0; done < length;) {
        size_t rest = (length - done + PAGE - 1) / PAGE * PAGE;
        ssize_t count = check(pread(drive, to + done, rest < CHUNK ? rest : CHUNK, offset + done), "the input drive");
        if (count == 0)
            take(SIZE_MAX);
        done += count;
    }
}

static char *pages(size_t size) {
    char *made = mmap(NULL, (size + PAGE - 1) / PAGE * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED)
        fail("mmap");
    return made;
}

static void wait_for_input(int drive) {
    char *head = pages(PAGE);
    printf("ready\n");
    for (;;) {
        read_drive(drive, head, PAGE, 0);
        if (memcmp(head, "LZI1", 4) == 0)
            break;
        usleep(2000);
    }
    uint64_t length;
    memcpy(&length, head + 4, sizeof length);
    next = pages(length + 12);
    end = next + length + 12;
    read_drive(drive, next, length + 12, 0);
    next += 12;
}

// Machines restored from one template would otherwise draw the same numbers, in the past.
static void refresh(uint64_t now, const void *entropy, int size) {
    struct timespec time = {now / 1000000000, now % 1000000000};
    check(clock_settime(CLOCK_REALTIME, &time), "clock_settime");
    struct {
        struct rand_pool_info info;
        char bytes[256];
    } pool = {.info = {size * 8, size}};
    memcpy(pool.info.buf, entropy, size);
    int random = check(open("/dev/urandom", O_RDWR | O_CLOEXEC), "/dev/urandom");
    check(ioctl(random, RNDADDENTROPY, &pool), "RNDADDENTROPY");
    check(ioctl(random, RNDRESEEDCRNG), "RNDRESEEDCRNG");
    close(random);
}

// ---- 3. the job ----------------------------------------------------------------------------------------------------------------

static int is_reserved(const char *name) {
    for (const char **reserved = (const char *[]){".", "..", "work", "data", "tmp", "proc", "dev", NULL}; *reserved; reserved++)
        if (strcmp(name, *reserved) == 0)
            return 1;
    return 0;
}

static void bind_image(void) {
    mount_at("/dev/vda", "/image", "squashfs", MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
    DIR *image = opendir("/image");
    for (struct dirent *entry; (entry = readdir(image));) {
        if (is_reserved(entry->d_name))
            continue;
        char *source = format("/image/%s", entry->d_name), *target = format(ROOT "/%s", entry->d_name), link[PAGE] = {0};
        if (readlink(source, link, sizeof link - 1) > 0) {
            check(symlink(link, target), target);
            continue;
        }
        if (entry->d_type == DT_DIR)
            check(mkdir(target, 0755), target);
        else
            make_file(target);
        mount_at(source, target, NULL, MS_BIND, NULL);
    }
    closedir(image);
}

// Each on a drive of its own, in order; one file lies alone on its drive.
static void bind_mounts(void) {
    uint32_t count = take32();
    for (uint32_t i = 0; i < count; i++) {
        char *target = format(ROOT "%s", take_text()), *file = take_text(), *at = format("/mount%u", i);
        check(mkdir(at, 0755), at);
        mount_at(format("/dev/vd%c", 'd' + i), at, "squashfs", MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
        if (*file) {
            char *slash = strrchr(target, '/');
            *slash = 0;
            make_folders(target);
            *slash = '/';
            make_file(target);
        } else
            make_folders(target);
        mount_at(*file ? format("%s/%s", at, file) : at, target, NULL, MS_BIND, NULL);
    }
}

// Laid over /work one by one: a mount point can be neither written, nor replaced, nor removed.
static void lay_inputs(int drive, uint32_t count) {
    char *chunk = pages(CHUNK);
    for (uint32_t i = 0; i < count; i++) {
        char *name = take_text(), *source = format(IN "/%s", name), *target = format(ROOT "/work/%s", name);
        uint64_t offset = take64(), length = take64();
        int file = check(open(source, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444), source);
        for (uint64_t done = 0; done < length;) {
            size_t part = length - done < CHUNK ? length - done : CHUNK;
            read_drive(drive, chunk, part, offset + done);
            if (check(write(file, chunk, part), source) != (ssize_t)part)
                fail(source);
            done += part;
        }
        close(file);
        make_file(target);
        bind_read_only(source, target);
    }
    munmap(chunk, CHUNK);
}

static void mount_own(const char *at, uint64_t size, uint32_t inodes) {
    mount_at("own", at, "tmpfs", MS_NOSUID | MS_NODEV,
        format("mode=0700,uid=%d,gid=%d,size=%llu,nr_inodes=%u", NOBODY, NOBODY, (unsigned long long)size, inodes + 1));
}

static void limit_group(const struct job *job) {
    write_to(GROUP "/memory.max", format("%llu", (unsigned long long)job->memory));
    write_to(GROUP "/pids.max", format("%u", job->pids));
    write_to(GROUP "/cpu.max", format("%u 100000", job->quota));
}

static void limit(int resource, uint64_t value) {
    struct rlimit to = {value, value};
    check(setrlimit(resource, &to), "setrlimit");
}

static void drop_privileges(const struct job *job) {
    limit(RLIMIT_NPROC, job->pids);
    limit(RLIMIT_DATA, job->memory);
    limit(RLIMIT_FSIZE, job->work > job->temp ? job->work : job->temp);
    limit(RLIMIT_NOFILE, 1024);
    limit(RLIMIT_MEMLOCK, 65536);
    limit(RLIMIT_MSGQUEUE, 0);
    limit(RLIMIT_CORE, 0);
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        check(prctl(PR_CAPBSET_DROP, capability), "PR_CAPBSET_DROP");
    check(syscall(SYS_setgroups, 0, NULL), "setgroups");
    check(setresgid(NOBODY, NOBODY, NOBODY), "setresgid");
    check(setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
}

static void mask_proc(void) {
    const char *masked[] = {"kallsyms", "keys", "key-users", "timer_list", "sched_debug", "modules", "config.gz", "sysrq-trigger", "kcore", NULL};
    for (const char **name = masked; *name; name++) {
        char *path = format(ROOT "/proc/%s", *name);
        if (access(path, F_OK) == 0)
            bind_read_only(ROOT "/dev/null", path);
    }
    for (const char **name = (const char *[]){"sys", "irq", "bus", NULL}; *name; name++) {
        char *path = format(ROOT "/proc/%s", *name);
        if (access(path, F_OK) == 0)
            bind_read_only(path, path);
    }
}

static _Noreturn void become_job(const struct job *job, int group, int filter) {
    static struct sock_filter code[4096];
    struct sock_fprog program = {check(read(filter, code, sizeof code), "/seccomp") / sizeof *code, code};
    check(write(group, "0", 1), GROUP);
    check(setsid(), "setsid");
    umask(022);
    check(chdir("/work"), "/work");
    drop_privileges(job);
    check(syscall(SYS_close_range, 3, ~0u, 0), "close_range");
    signal(SIGPIPE, SIG_DFL);
    check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
    execve(job->arguments[0], job->arguments, job->environment);
    fail(job->arguments[0]);
}

// The first process of the job's pid namespace. What the job leaves running ends with it.
static _Noreturn void reap(const struct job *job, int printed) {
    is_machine = 0;
    int null = check(open(ROOT "/dev/null", O_RDWR | O_CLOEXEC), "/dev/null");
    int group = check(open(GROUP "/cgroup.procs", O_WRONLY | O_CLOEXEC), GROUP);
    int filter = check(open("/seccomp", O_RDONLY | O_CLOEXEC), "/seccomp");
    mount_at("proc", ROOT "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mask_proc();
    mount_at(NULL, ROOT "/dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL);
    mount_at(NULL, ROOT, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
    check(chroot(ROOT), ROOT);
    dup2(null, 0);
    dup2(printed, 1);
    dup2(printed, 2);
    pid_t program = check(fork(), "fork");
    if (program == 0)
        become_job(job, group, filter);
    for (int status;;)
        if (wait(&status) == program)
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

// ---- 4. what is left -----------------------------------------------------------------------------------------------------------

static uint64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

// Up to the cap; the rest is read and dropped, so that the job does not block. False once nothing is there.
static int drain(int pipe, const struct job *job, char *log, uint64_t *kept) {
    static char dropped[PAGE * 16];
    uint64_t room = job->log - *kept;
    ssize_t count = room ? read(pipe, log + *kept, room) : read(pipe, dropped, sizeof dropped);
    if (count > 0 && room)
        *kept += count;
    return count > 0;
}

static void run(const struct job *job, struct answer *answer, char *log) {
    int ends[2];
    check(pipe2(ends, O_CLOEXEC), "pipe");
    uint64_t over = milliseconds() + job->timeout;
    pid_t reaper = check(syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, 0), "clone");
    if (reaper == 0)
        reap(job, ends[1]);
    close(ends[1]);
    int ended = check(syscall(SYS_pidfd_open, reaper, 0), "pidfd_open");
    struct pollfd wait[] = {{ended, POLLIN, 0}, {ends[0], POLLIN, 0}};
    answer->status = COMPLETED;
    while (!wait[0].revents) {
        uint64_t now = milliseconds();
        if (now >= over && answer->status != TIMED_OUT) {
            answer->status = TIMED_OUT;
            kill(reaper, SIGKILL);
        }
        poll(wait, 2, answer->status == TIMED_OUT ? -1 : (int)(over - now < 60000 ? over - now : 60000));
        if (wait[1].revents && !drain(ends[0], job, log, &answer->log))
            wait[1].fd = -1;
    }
    while (drain(ends[0], job, log, &answer->log))
        ;
    int status;
    waitpid(reaper, &status, 0);
    answer->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (answer->status == COMPLETED && answer->code != 0)
        answer->status = EXITED;
}

// The job is gone, but what it left may be anything.
static void read_output(const struct job *job, struct answer *answer, char *output) {
    struct stat status;
    int file = open(format(ROOT "/work/%s", job->name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    answer->code = file < 0 || fstat(file, &status) < 0 ? MISSING
        : !S_ISREG(status.st_mode)                      ? IRREGULAR
        : status.st_nlink != 1                          ? HARD_LINK
        : (uint64_t)status.st_size > job->output        ? TOO_LARGE
                                                        : 0;
    if (answer->code != MISSING)
        answer->size = status.st_size;
    if (answer->code) {
        answer->status = BAD_OUTPUT;
        return;
    }
    for (ssize_t count; (count = read(file, output + answer->output, answer->size - answer->output)) > 0;)
        answer->output += count;
}

static uint64_t counted(const char *file, const char *entry) {
    char name[64];
    unsigned long long value = 0;
    FILE *counts = fopen(file, "r");
    if (!counts)
        return 0;
    if (!entry)
        (void)!fscanf(counts, "%llu", &value);
    else
        while (fscanf(counts, "%63s %llu", name, &value) == 2 && strcmp(name, entry) != 0)
            value = 0;
    fclose(counts);
    return value;
}

static void write_drive(int drive, const void *from, size_t length, off_t offset) {
    for (size_t done = 0; done < length;)
        done += check(pwrite(drive, (const char *)from + done, length - done, offset + done), "the output drive");
}

int main(int count, char **arguments) {
    // As a job: what a probe of the machine runs.
    if (getpid() != 1)
        return count == 2 && creat(arguments[1], 0644) >= 0 ? 0 : 1;
    boot();
    int input = check(open("/dev/vdb", O_RDONLY | O_DIRECT | O_CLOEXEC), "/dev/vdb");
    wait_for_input(input);

    struct job job = {.now = take64()};
    uint32_t size = take32();
    refresh(job.now, take(size), size);
    job.memory = take64(), job.work = take64(), job.temp = take64(), job.timeout = take64();
    job.pids = take32(), job.quota = take32(), job.inodes = take32(), job.output = take32(), job.log = take32();
    job.name = take_text(), job.arguments = take_texts(), job.environment = take_texts();
    bind_image();
    bind_mounts();
    job.inputs = take32();
    mount_own(ROOT "/work", job.work, job.inodes + job.inputs);
    mount_own(ROOT "/tmp", job.temp, job.inodes);
    mount_own(ROOT "/dev/shm", job.temp, job.inodes);
    lay_inputs(input, job.inputs);
    limit_group(&job);

    struct answer answer = {.magic = "LZO1"};
    char *log = pages(job.log + 1), *output = pages(job.output + 1);
    printf("started\n");
    run(&job, &answer, log);
    if (answer.status == COMPLETED)
        read_output(&job, &answer, output);
    answer.peak = counted(GROUP "/memory.peak", NULL);
    answer.cpu = counted(GROUP "/cpu.stat", "usage_usec");
    answer.killed = counted(GROUP "/memory.events", "oom_kill");

    // The header last: a machine that is stopped in between has not answered.
    int drive = check(open("/dev/vdc", O_WRONLY | O_CLOEXEC), "/dev/vdc");
    write_drive(drive, log, answer.log, 512);
    write_drive(drive, output, answer.output, 512 + answer.log);
    check(fsync(drive), "fsync");
    write_drive(drive, &answer, sizeof answer, 0);
    check(fsync(drive), "fsync");
    stop();
}
