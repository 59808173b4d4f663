using System.Buffers.Binary;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Tests.Sandboxes;

public sealed class SeccompFilterTests
{
    private const uint X64 = 0xc000_003e;
    private const uint I386 = 0x4000_0003;
    private const uint Allow = 0x7fff_0000;
    private const uint Kill = 0x8000_0000;
    private const uint NoSuchCall = 0x0005_0026;

    private static readonly byte[] Shipped = SeccompFilter.Compile(SeccompProfile.Shipped);

    [Fact]
    public void Exactly_the_calls_of_the_profile_pass()
    {
        var conditional = SeccompProfile.Shipped.Conditions.Select(condition => condition.Number).ToHashSet();
        for (var number = 0; number < 2000; number++)
        {
            if (!conditional.Contains(number))
                Assert.Equal(SeccompProfile.Shipped.Allowed.Contains(number) ? Allow : NoSuchCall, Run(Shipped, X64, (uint)number));
        }
    }

    [Theory]
    [InlineData("socket", 0, 1, true)]
    [InlineData("socket", 0, 2, false)]
    [InlineData("socket", 0, 10, false)]
    [InlineData("socket", 0, 16, false)]
    [InlineData("socket", 0, 40, false)]
    [InlineData("socket", 0, 0x1_0000_0028, false)]
    [InlineData("socketpair", 0, 1, true)]
    [InlineData("socketpair", 0, 30, false)]
    [InlineData("mmap", 3, 0x22, true)]
    [InlineData("mmap", 3, 0x4_0022, false)]
    [InlineData("mmap", 3, 0x122, false)]
    [InlineData("madvise", 2, 4, true)]
    [InlineData("madvise", 2, 3, false)]
    [InlineData("madvise", 2, 12, false)]
    [InlineData("madvise", 2, 21, false)]
    [InlineData("madvise", 2, 25, false)]
    [InlineData("preadv2", 5, 0, true)]
    [InlineData("preadv2", 5, 8, false)]
    [InlineData("pwritev2", 5, 1, false)]
    [InlineData("fcntl", 1, 1030, true)]
    [InlineData("fcntl", 1, 4, true)]
    [InlineData("fcntl", 1, 5, false)]
    [InlineData("fcntl", 1, 6, false)]
    [InlineData("fcntl", 1, 7, false)]
    [InlineData("fcntl", 1, 37, false)]
    [InlineData("fcntl", 1, 38, false)]
    [InlineData("fcntl", 1, 1024, false)]
    [InlineData("fcntl", 1, 1026, false)]
    [InlineData("fcntl", 1, 1036, false)]
    [InlineData("fcntl", 1, 0x1_0000_0006, false)]
    [InlineData("setrlimit", 0, 7, true)]
    [InlineData("setrlimit", 0, 4, false)]
    [InlineData("prlimit64", 1, 7, true)]
    [InlineData("prlimit64", 1, 0x1_0000_0004, false)]
    [InlineData("clone", 0, 0x3d0f00, true)]
    [InlineData("clone", 0, 0x1000_0000, false)]
    [InlineData("clone", 0, 0x0002_0000, false)]
    [InlineData("clone", 0, 0x80, false)]
    [InlineData("ioctl", 1, 0x5401, true)]
    [InlineData("ioctl", 1, 0x5412, false)]
    [InlineData("ioctl", 1, 0xc020_660b, false)]
    [InlineData("personality", 0, 0xffff_ffff, true)]
    [InlineData("personality", 0, 0x40_0000, false)]
    public void An_argument_decides(string call, int argument, ulong value, bool passes)
    {
        var arguments = new ulong[6];
        arguments[argument] = value;
        Assert.Equal(passes ? Allow : NoSuchCall, Run(Shipped, X64, (uint)SeccompProfile.Numbers[call], arguments));
    }

    [Theory]
    [InlineData(I386, 20)]
    [InlineData(X64, 0x4000_0000 | 39)]
    [InlineData(X64, uint.MaxValue)]
    public void Another_way_into_the_kernel_kills(uint architecture, uint number) => Assert.Equal(Kill, Run(Shipped, architecture, number));

    [Theory]
    [InlineData("ptrace")]
    [InlineData("clone3")]
    [InlineData("unshare")]
    [InlineData("setns")]
    [InlineData("mount")]
    [InlineData("bpf")]
    [InlineData("io_uring_setup")]
    [InlineData("userfaultfd")]
    [InlineData("keyctl")]
    [InlineData("memfd_create")]
    [InlineData("process_vm_readv")]
    [InlineData("flock")]
    [InlineData("inotify_init1")]
    [InlineData("vmsplice")]
    [InlineData("splice")]
    [InlineData("sendfile")]
    [InlineData("fadvise64")]
    [InlineData("readahead")]
    [InlineData("mincore")]
    [InlineData("cachestat")]
    [InlineData("sync_file_range")]
    [InlineData("remap_file_pages")]
    [InlineData("process_madvise")]
    [InlineData("io_submit")]
    public void What_breaks_out_of_sandboxes_is_not_allowed(string call) =>
        Assert.DoesNotContain(SeccompProfile.Numbers[call], SeccompProfile.Shipped.Allowed);

    [Fact]
    public void A_program_that_is_given_a_device_may_ask_anything_of_it_and_no_more_of_the_rest()
    {
        var devices = SeccompFilter.Compile(SeccompProfile.ForDevices);
        const ulong CreateMachine = 0xae01;
        Assert.Equal(Allow, Run(devices, X64, (uint)SeccompProfile.Numbers["ioctl"], 0, CreateMachine, 0, 0, 0, 0));
        Assert.Equal(NoSuchCall, Run(devices, X64, (uint)SeccompProfile.Numbers["fcntl"], 0, 6, 0, 0, 0, 0));
        Assert.Equal(NoSuchCall, Run(devices, X64, (uint)SeccompProfile.Numbers["ptrace"]));
    }

    [Fact]
    public void Every_fault_of_a_profile_is_listed()
    {
        const string Profile = """
            {
              "about": "",
              "allow": [{"why": "", "calls": ["read", "raed", "read"]}],
              "conditions": [
                {"why": "", "call": "socket", "argument": 6, "one_of": ["1", "two"]},
                {"why": "", "call": "clone", "argument": 0},
                {"why": "", "call": "ioctl", "argument": 0, "one_of": ["1"], "none_of": ["2"]}
              ]
            }
            """;
        var fault = Assert.Throws<FormatException>(() => SeccompProfile.Parse(Profile)).Message;
        foreach (var part in (string[])["raed is no", "read is named twice", "no argument 6", "'two'", "clone needs exactly one", "ioctl needs exactly one"])
            Assert.Contains(part, fault, StringComparison.Ordinal);
    }

    /// <summary>The kernel's interpreter, as far as these programs go; jumping out of the program or running off its end throws.</summary>
    private static uint Run(byte[] program, uint architecture, uint number, params ulong[] arguments)
    {
        var data = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), architecture);
        for (var i = 0; i < arguments.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (8 * i)), arguments[i]);

        var accumulator = 0u;
        for (var at = 0; ; at++)
        {
            var instruction = program.AsSpan(at * 8, 8);
            var value = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            bool? jumps = BinaryPrimitives.ReadUInt16LittleEndian(instruction) switch
            {
                0x15 => accumulator == value,
                0x25 => accumulator > value,
                0x35 => accumulator >= value,
                0x45 => (accumulator & value) != 0,
                _ => null,
            };
            if (jumps is { } taken)
                at += instruction[taken ? 2 : 3];
            else if (instruction[0] == 0x20)
                accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)value));
            else
                return instruction[0] == 0x06 ? value : throw new InvalidOperationException($"instruction {at} is none of seccomp's");
        }
    }
}
