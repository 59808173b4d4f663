namespace Lazaret.Cohort.Nifti;

internal static class NiftiTypes
{
    /// <summary>Null for a code that is no real datatype; <see cref="Describe"/> says what it is.</summary>
    public static NiftiType? FromCode(int code) => Enum.IsDefined((NiftiType)code) ? (NiftiType)code : null;

    public static int Bytes(this NiftiType type) => type switch
    {
        NiftiType.UInt8 or NiftiType.Int8 => 1,
        NiftiType.Int16 or NiftiType.UInt16 => 2,
        NiftiType.Int32 or NiftiType.UInt32 or NiftiType.Float32 => 4,
        _ => 8,
    };

    public static string Describe(int code) => code switch
    {
        1 => "binary",
        32 => "complex64",
        128 => "RGB24",
        1536 => "float128",
        1792 => "complex128",
        2048 => "complex256",
        2304 => "RGBA32",
        _ => "unknown",
    };
}
