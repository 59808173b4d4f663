namespace Lazaret.Cohort.Kernels;

/// <summary>The register width, in bits, that scores are computed with. All widths agree within rounding of the last bit.</summary>
public enum KernelWidth
{
    Scalar = 64,
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}
