using System.Buffers.Binary;

namespace Lazaret.Node.Sandboxes.Oci;

/// <summary>
/// The first program of a container. It reads one byte from its standard input, removes its own file, and executes (execve) the program that its
/// arguments name: so a container can be set up before its run begins, and leaves nothing of this in it. Where the pipe ends without a byte, or the
/// program cannot be executed, it ends with <see cref="Confinement.ExitCodes.NoSuchProgram"/>.
/// <para>
/// It is written in machine code, since an image need not hold a shell, and a machine need not have a compiler. Its source is the comments below.
/// </para>
/// </summary>
internal static class StartGate
{
    /// <summary>Where it lies in the container: in a folder that is the program's own, so that it can be removed.</summary>
    public const string Path = "/dev/shm/start";

    private const int HeaderLength = 64;
    private const int ProgramHeaderLength = 56;
    private const ulong Address = 0x40_0000;

    private static ReadOnlySpan<byte> Code =>
    [
        0x48, 0x8d, 0x5c, 0x24, 0x08,       // lea rbx, [rsp+8]         the arguments; their number lies before them, the environment behind
        0x31, 0xff,                         // xor edi, edi             standard input
        0x57,                               // push rdi                 room for one byte
        0x48, 0x89, 0xe6,                   // mov rsi, rsp
        0xba, 0x01, 0x00, 0x00, 0x00,       // mov edx, 1
        0x31, 0xc0,                         // xor eax, eax             read
        0x0f, 0x05,                         // syscall
        0xff, 0xc8,                         // dec eax                  zero where one byte came
        0x75, 0x24,                         // jne end
        0x48, 0x8b, 0x3b,                   // mov rdi, [rbx]           argument 0: this file
        0xb8, 0x57, 0x00, 0x00, 0x00,       // mov eax, 87              unlink
        0x0f, 0x05,                         // syscall
        0x48, 0x8b, 0x4b, 0xf8,             // mov rcx, [rbx-8]         the number of arguments
        0x48, 0x8d, 0x54, 0xcb, 0x08,       // lea rdx, [rbx+rcx*8+8]   the environment
        0x48, 0x83, 0xc3, 0x08,             // add rbx, 8
        0x48, 0x8b, 0x3b,                   // mov rdi, [rbx]           argument 1: the program
        0x48, 0x89, 0xde,                   // mov rsi, rbx             its arguments
        0xb8, 0x3b, 0x00, 0x00, 0x00,       // mov eax, 59              execve: returns only if it fails
        0x0f, 0x05,                         // syscall
        0xbf, 0x7f, 0x00, 0x00, 0x00,       // end: mov edi, 127
        0xb8, 0x3c, 0x00, 0x00, 0x00,       // mov eax, 60              exit
        0x0f, 0x05,                         // syscall
    ];

    /// <summary>Lays the file into the folder that becomes the container's <c>/dev/shm</c>.</summary>
    public static void Write(string folder)
    {
        const UnixFileMode Executable = (UnixFileMode)0b101_101_101;
        var file = System.IO.Path.Join(folder, System.IO.Path.GetFileName(Path));
        File.WriteAllBytes(file, Program());
        File.SetUnixFileMode(file, Executable);
    }

    /// <summary>An executable of the format ELF for x86-64, of one segment.</summary>
    private static byte[] Program()
    {
        const ulong Start = HeaderLength + ProgramHeaderLength;
        const ushort Executable = 2;
        const ushort Amd64 = 62;
        const uint Load = 1;
        const uint ReadAndExecute = 5;
        const ulong PageLength = 0x1000;
        byte[] program = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, .. new byte[HeaderLength + ProgramHeaderLength - 7], .. Code];
        var header = program.AsSpan(0, HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], Executable);
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], Amd64);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Address + Start);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[52..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], ProgramHeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[56..], 1);
        var segment = program.AsSpan(HeaderLength, ProgramHeaderLength);
        BinaryPrimitives.WriteUInt32LittleEndian(segment, Load);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], ReadAndExecute);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], Address);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)program.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)program.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], PageLength);
        return program;
    }
}
