using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Cohorts;

namespace Lazaret.Node.WebConsole.Viewer;

/// <summary>
/// Volumes for the map viewer. The node writes them anew, so that of a stranger's file only the voxels, as the node itself reads them, reach a browser, and
/// never more than one map on the site's grid.
/// </summary>
internal sealed class ShownVolumes(CohortOptions options) : IDisposable
{
    // One at a time: each file may be much larger when it is decompressed.
    private readonly SemaphoreSlim _reading = new(1);

    /// <summary>One of a job's maps as it is scored; null when it does not lie on this grid.</summary>
    /// <param name="kept">The file of maps that the job stored.</param>
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

    /// <summary>The template; only called when the site shows it.</summary>
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
            // A map was sound when its job was admitted. A mask or the template may have changed meanwhile; the page of the data tells that.
            return null;
        }
        finally
        {
            _reading.Release();
        }
    }
}
