using Lazaret.Cohort.Nifti;

namespace Lazaret.SampleSite;

/// <summary>Normal noise on a lattice of 12 mm, linear in between: as smooth as connectivity maps are.</summary>
internal static class SmoothNoise
{
    private const double SpacingMm = 12;

    public static void Fill(Span<float> voxels, Grid grid, Random random)
    {
        var step = grid.Affine[0, 0] / SpacingMm;
        var (nx, ny, nz) = (Knots(grid.X), Knots(grid.Y), Knots(grid.Z));
        var lattice = new float[nx * ny * nz];
        for (var i = 0; i < lattice.Length; i++)
            lattice[i] = (float)random.NextNormal();

        // Each row of voxels lies between four rows of the lattice: these are blended first, and then run along.
        var along = Enumerable.Range(0, grid.X).Select(Split).ToArray();
        var row = new float[nx];
        var voxel = 0;
        for (var k = 0; k < grid.Z; k++)
        {
            var (z, fz) = Split(k);
            for (var j = 0; j < grid.Y; j++)
            {
                var (y, fy) = Split(j);
                for (var x = 0; x < nx; x++)
                {
                    var at = (z * ny + y) * nx + x;
                    row[x] = Between(
                        Between(lattice[at], lattice[at + nx], fy),
                        Between(lattice[at + nx * ny], lattice[at + nx * ny + nx], fy),
                        fz);
                }

                foreach (var (x, fx) in along)
                    voxels[voxel++] = Between(row[x], row[x + 1], fx);
            }
        }

        int Knots(int voxels) => (int)((voxels - 1) * step) + 2;

        (int Knot, float Beyond) Split(int index) => ((int)(index * step), (float)(index * step - (int)(index * step)));
    }

    private static float Between(float a, float b, float fraction) => a + (b - a) * fraction;
}
