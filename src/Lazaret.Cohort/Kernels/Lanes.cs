using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lazaret.Cohort.Kernels;

internal readonly unsafe struct Lanes512(Vector512<double> value) : ILanes<Lanes512>
{
    private readonly Vector512<double> _value = value;

    public static bool IsSupported => Avx512F.IsSupported;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* singles) => new(Avx512F.ConvertToVector512Double(Vector256.Load(singles)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes512 PlusProduct(Lanes512 a, Lanes512 b) => new(Avx512F.FusedMultiplyAdd(a._value, b._value, _value));

    public double Sum() => Vector512.Sum(_value);
}

internal readonly unsafe struct Lanes256(Vector256<double> value) : ILanes<Lanes256>
{
    private readonly Vector256<double> _value = value;

    public static bool IsSupported => Avx.IsSupported && Fma.IsSupported;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* singles) => new(Avx.ConvertToVector256Double(Vector128.Load(singles)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes256 PlusProduct(Lanes256 a, Lanes256 b) => new(Fma.MultiplyAdd(a._value, b._value, _value));

    public double Sum() => Vector256.Sum(_value);
}

/// <summary>Any processor with 128-bit registers, Arm's too.</summary>
internal readonly unsafe struct Lanes128(Vector128<double> value) : ILanes<Lanes128>
{
    private readonly Vector128<double> _value = value;

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* singles) => new(Vector128.WidenLower(Vector64.Load(singles).ToVector128Unsafe()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes128 PlusProduct(Lanes128 a, Lanes128 b) => new(_value + a._value * b._value);

    public double Sum() => Vector128.Sum(_value);
}

internal readonly unsafe struct Lanes64(double value) : ILanes<Lanes64>
{
    private readonly double _value = value;

    public static bool IsSupported => true;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes64 Load(float* singles) => new(*singles);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes64 PlusProduct(Lanes64 a, Lanes64 b) => new(_value + a._value * b._value);

    public double Sum() => _value;
}
