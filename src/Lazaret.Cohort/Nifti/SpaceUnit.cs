namespace Lazaret.Cohort.Nifti;

/// <summary>The unit of space in xyzt_units. Most files say millimetres or nothing, which is meant as millimetres.</summary>
public enum SpaceUnit
{
    Unknown = 0,
    Metre = 1,
    Millimetre = 2,
    Micron = 3,
}
