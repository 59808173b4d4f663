using Lazaret.Cohort.Nifti;

namespace Lazaret.Node.Cli.Attack.Sites;

/// <summary>
/// Where what lies in a synthetic scan: first texture, in which every subject differs; then for each member of a cohort one voxel that is 1 in their scan and
/// 0 in all others, as a lesion that only they have; then blocks of a common signal, of which a scan may lack one.
/// </summary>
internal static class ScanLayout
{
    public const int Texture = 1000;

    public const int Members = 220;

    public const int Blocks = 5;

    public const int BlockVoxels = 12;

    /// <summary>Parcels of the texture.</summary>
    public const int Parcels = 100;

    public const int ParcelVoxels = Texture / Parcels;

    public static Grid Grid { get; } = new(10, 16, 8, new Affine(4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0));

    public static int Voxels => (int)Grid.Voxels;

    public static int VoxelOf(int member) => Texture + member;

    public static Range Parcel(int number) => (number * ParcelVoxels)..((number + 1) * ParcelVoxels);

    public static Range Block(int number)
    {
        var first = Texture + Members + (number * BlockVoxels);
        return first..(first + BlockVoxels);
    }
}
