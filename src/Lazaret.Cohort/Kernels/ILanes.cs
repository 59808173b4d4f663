namespace Lazaret.Cohort.Kernels;

/// <summary>Doubles side by side in one register; the kernels are written once and compiled for each width.</summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract bool IsSupported { get; }

    static abstract int Count { get; }

    /// <summary>As many singles as there are lanes, widened.</summary>
    static abstract TSelf Load(float* singles);

    /// <summary>this + a · b; the product of two widened singles is exact, so it does not matter whether it is fused.</summary>
    TSelf PlusProduct(TSelf a, TSelf b);

    double Sum();
}
