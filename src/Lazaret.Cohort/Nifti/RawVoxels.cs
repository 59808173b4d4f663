using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Nifti;

/// <summary>Raw bytes to scaled doubles, for every datatype and both byte orders.</summary>
internal static class RawVoxels
{
    /// <param name="raw">One value's bytes after the other; turned to this machine's order in place.</param>
    public static void Scale(NiftiHeader header, Span<byte> raw, Span<double> values)
    {
        if (header.IsSwapped)
            Swap(raw, header.Type.Bytes());
        switch (header.Type)
        {
            case NiftiType.UInt8: Widen<byte>(raw, values); break;
            case NiftiType.Int8: Widen<sbyte>(raw, values); break;
            case NiftiType.Int16: Widen<short>(raw, values); break;
            case NiftiType.UInt16: Widen<ushort>(raw, values); break;
            case NiftiType.Int32: Widen<int>(raw, values); break;
            case NiftiType.UInt32: Widen<uint>(raw, values); break;
            case NiftiType.Int64: Widen<long>(raw, values); break;
            case NiftiType.UInt64: Widen<ulong>(raw, values); break;
            case NiftiType.Float32: Widen<float>(raw, values); break;
            default: Widen<double>(raw, values); break;
        }

        if (!header.IsScaled)
            return;
        for (var i = 0; i < values.Length; i++)
            values[i] = values[i] * header.Slope + header.Intercept;
    }

    public static void Swap(Span<byte> raw, int size)
    {
        switch (size)
        {
            case 2: Swap(MemoryMarshal.Cast<byte, ushort>(raw)); break;
            case 4: Swap(MemoryMarshal.Cast<byte, uint>(raw)); break;
            case 8: Swap(MemoryMarshal.Cast<byte, ulong>(raw)); break;
        }
    }

    private static void Swap(Span<ushort> raw) => BinaryPrimitives.ReverseEndianness(raw, raw);

    private static void Swap(Span<uint> raw) => BinaryPrimitives.ReverseEndianness(raw, raw);

    private static void Swap(Span<ulong> raw) => BinaryPrimitives.ReverseEndianness(raw, raw);

    private static void Widen<T>(Span<byte> raw, Span<double> values)
        where T : unmanaged, INumberBase<T>
    {
        var typed = MemoryMarshal.Cast<byte, T>(raw);
        for (var i = 0; i < values.Length; i++)
            values[i] = double.CreateTruncating(typed[i]);
    }
}
