namespace Lazaret.Cohort.Nifti;

/// <summary>Is shown a volume, or a series of them, plane by plane while it is read.</summary>
/// <param name="grid">The volume's.</param>
/// <param name="map">Which of a series.</param>
public delegate void SeenPlane(Grid grid, int map, int plane, ReadOnlySpan<float> values);
