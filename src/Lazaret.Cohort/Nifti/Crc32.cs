using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lazaret.Cohort.Nifti;

/// <summary>The CRC-32 of gzip (RFC 1952). System.IO.Hashing would do; carry-less folding keeps the check below a tenth of the inflating.</summary>
internal struct Crc32()
{
    private static readonly uint[] Table = MakeTable();
    private uint _state = uint.MaxValue;

    public readonly uint Value => ~_state;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = new Crc32();
        crc.Append(bytes);
        return crc.Value;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Pclmulqdq.IsSupported && bytes.Length >= 64)
        {
            var folded = bytes.Length & ~15;
            _state = Fold(_state, bytes[..folded]);
            bytes = bytes[folded..];
        }

        var state = _state;
        foreach (var b in bytes)
            state = Table[(byte)state ^ b] ^ (state >> 8);
        _state = state;
    }

    /// <summary>V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ" (Intel, 2009), bit-reflected constants of section 5.</summary>
    private static uint Fold(uint state, ReadOnlySpan<byte> bytes)
    {
        var by64 = Vector128.Create(0x0154442bd4UL, 0x01c6e41596UL);
        var by16 = Vector128.Create(0x01751997d0UL, 0x00ccaa009eUL);
        var blocks = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        var (x1, x2, x3, x4) = (blocks[0] ^ Vector128.CreateScalar((ulong)state), blocks[1], blocks[2], blocks[3]);
        var next = 4;
        for (; next + 4 <= blocks.Length; next += 4)
        {
            x1 = Step(x1, by64) ^ blocks[next];
            x2 = Step(x2, by64) ^ blocks[next + 1];
            x3 = Step(x3, by64) ^ blocks[next + 2];
            x4 = Step(x4, by64) ^ blocks[next + 3];
        }

        x1 = Step(x1, by16) ^ x2;
        x1 = Step(x1, by16) ^ x3;
        x1 = Step(x1, by16) ^ x4;
        for (; next < blocks.Length; next++)
            x1 = Step(x1, by16) ^ blocks[next];

        // 128 bits to 64, then Barrett's reduction to 32.
        var low32 = Vector128.Create(0xFFFFFFFFUL, 0xFFFFFFFFUL);
        x1 = Sse2.ShiftRightLogical128BitLane(x1, 8) ^ Pclmulqdq.CarrylessMultiply(x1, by16, 0x10);
        x1 = Sse2.ShiftRightLogical128BitLane(x1, 4) ^ Pclmulqdq.CarrylessMultiply(x1 & low32, Vector128.CreateScalar(0x0163cd6124UL), 0x00);
        var polynomial = Vector128.Create(0x01db710641UL, 0x01f7011641UL);
        var quotient = Pclmulqdq.CarrylessMultiply(x1 & low32, polynomial, 0x10) & low32;
        return (x1 ^ Pclmulqdq.CarrylessMultiply(quotient, polynomial, 0x00)).AsUInt32()[1];

        static Vector128<ulong> Step(Vector128<ulong> x, Vector128<ulong> k) =>
            Pclmulqdq.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.CarrylessMultiply(x, k, 0x11);
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }

        return table;
    }
}
