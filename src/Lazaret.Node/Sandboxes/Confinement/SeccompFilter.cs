using System.Buffers.Binary;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// Compiles a profile to the kernel's classic BPF (linux/seccomp.h, linux/filter.h): eight bytes an instruction, jumps forward only.
/// The kernel runs it on every system call over the struct seccomp_data {int nr; u32 arch; u64 ip; u64 args[6]}.
/// </summary>
internal static class SeccompFilter
{
    private const uint Allow = 0x7fff_0000;
    private const uint KillProcess = 0x8000_0000;
    private const uint NoSuchCall = 0x0005_0000 | 38;

    private const uint ArchX64 = 0xc000_003e;
    private const uint X32Bit = 0x4000_0000;

    private const uint NumberOffset = 0;
    private const uint ArchOffset = 4;
    private const uint ArgumentsOffset = 16;

    private const ushort Load = 0x20;
    private const ushort JumpEqual = 0x15;
    private const ushort JumpGreater = 0x25;
    private const ushort JumpGreaterOrEqual = 0x35;
    private const ushort JumpBitsSet = 0x45;
    private const ushort Return = 0x06;

    public static byte[] Compile(SeccompProfile profile)
    {
        var code = new List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)>
        {
            (Load, 0, 0, ArchOffset),
            (JumpEqual, 1, 0, ArchX64),
            (Return, 0, 0, KillProcess),
            (Load, 0, 0, NumberOffset),
            // The x32 calls are the same kernel functions under other numbers: a way around the list.
            (JumpGreaterOrEqual, 0, 1, X32Bit),
            (Return, 0, 0, KillProcess),
        };

        foreach (var (first, last) in Ranges(profile.Allowed))
        {
            code.Add((JumpGreaterOrEqual, 0, 2, (uint)first));
            code.Add((JumpGreater, 1, 0, (uint)last));
            code.Add((Return, 0, 0, Allow));
        }

        foreach (var condition in profile.Conditions)
        {
            // The jump over a call that is another's: its load, one test per value, two returns.
            code.Add((JumpEqual, 0, checked((byte)(condition.Values.Count + 3)), (uint)condition.Number));
            code.Add((Load, 0, 0, ArgumentsOffset + (8 * (uint)condition.Argument)));
            for (var i = 0; i < condition.Values.Count; i++)
            {
                var test = condition.Test == SeccompProfile.Test.NoneOfBits ? JumpBitsSet : JumpEqual;
                code.Add((test, (byte)(condition.Values.Count - i), 0, condition.Values[i]));
            }

            var whenMet = condition.Test == SeccompProfile.Test.OneOf;
            code.Add((Return, 0, 0, whenMet ? NoSuchCall : Allow));
            code.Add((Return, 0, 0, whenMet ? Allow : NoSuchCall));
        }

        code.Add((Return, 0, 0, NoSuchCall));
        return Bytes(code);
    }

    private static IEnumerable<(int First, int Last)> Ranges(IReadOnlyList<int> ascending)
    {
        for (var i = 0; i < ascending.Count;)
        {
            var start = i;
            while (++i < ascending.Count && ascending[i] == ascending[i - 1] + 1)
            {
            }

            yield return (ascending[start], ascending[i - 1]);
        }
    }

    private static byte[] Bytes(List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)> code)
    {
        var bytes = new byte[code.Count * 8];
        for (var i = 0; i < code.Count; i++)
        {
            var instruction = bytes.AsSpan(i * 8, 8);
            BinaryPrimitives.WriteUInt16LittleEndian(instruction, code[i].Code);
            instruction[2] = code[i].IfTrue;
            instruction[3] = code[i].IfFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], code[i].Value);
        }

        return bytes;
    }
}
