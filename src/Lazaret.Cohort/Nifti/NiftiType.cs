using System.Diagnostics.CodeAnalysis;

namespace Lazaret.Cohort.Nifti;

/// <summary>The real datatypes, by their NIfTI codes.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names are NIfTI's.")]
public enum NiftiType
{
    UInt8 = 2,
    Int16 = 4,
    Int32 = 8,
    Float32 = 16,
    Float64 = 64,
    Int8 = 256,
    UInt16 = 512,
    UInt32 = 768,
    Int64 = 1024,
    UInt64 = 1280,
}
