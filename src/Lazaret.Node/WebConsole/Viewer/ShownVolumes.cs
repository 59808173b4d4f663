using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Cohorts;

namespace Lazaret.Node.WebConsole.Viewer;

/// <summary>
/// Volumes for the map viewer. The node writes them anew: of a file of strangers nothing but its voxels reaches a browser, as the node itself reads them, and
/// never more than one map on the site's grid.
/// </summary>
internal sealed class ShownVolumes(CohortOptions options) : IDisposable
{
    // Each may inflate to much.
    private readonly SemaphoreSlim _reading = new(1);

    /// <summary>One of a job's maps as scores see it; null where it does not lie on this grid.</summary>
    /// <param name="kept">The file.</param>
    /// <param name="number">Which of its maps, from 1.</param>
    public Task<byte[]?> MapAsync(byte[] kept, int number, Grid site, CancellationToken cancellationToken) => ReadAsync(
        () =>
        {
            using var reader = NiftiReader.Open(new MemoryStream(kept), options.LimitsOn(site));
            return MapPlacement.Read(reader, site) is MapPlacement.Placed { Map: var map } && number >= 1 && number <= map.Maps
                ? new NiftiVolume(site, 1, map.Map(number - 1).ToArray())
                : null;
        },
        cancellationToken);

    /// <summary>A mask: zeros and ones, whatever its file holds.</summary>
    public Task<byte[]?> MaskAsync(DataView view, string name, Grid site, CancellationToken cancellationToken) => ReadAsync(
        () => new NiftiVolume(site, 1, Array.ConvertAll(SiteMask.Read(view, name, site, null), value => value > 0 ? 1f : 0)), cancellationToken);

    /// <summary>The template, where the site shows it.</summary>
    public Task<byte[]?> TemplateAsync(string path, CancellationToken cancellationToken) => ReadAsync(() => NiftiVolume.Read(path) is { Maps: 1 } template ? template : null, cancellationToken);

    public void Dispose() => _reading.Dispose();

    private async Task<byte[]?> ReadAsync(Func<NiftiVolume?> read, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (read() is not { } volume)
                return null;
            using var file = new MemoryStream();
            NiftiWriter.Write(file, volume, compress: true);
            return file.ToArray();
        }
        catch (Exception e) when (e is NiftiException or IOException or UnauthorizedAccessException)
        {
            // A map was sound when its job was admitted; a mask or the template may have changed meanwhile, and the page of the data says so.
            return null;
        }
        finally
        {
            _reading.Release();
        }
    }
}
