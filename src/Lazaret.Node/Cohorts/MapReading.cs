using Lazaret.Cohort;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Tables;
using Lazaret.Disclosure.Maps;
using Lazaret.Node.Http;

namespace Lazaret.Node.Cohorts;

/// <summary>What was read of the maps of a request.</summary>
/// <param name="Digests">Of each, what counts of it as a digest; one empty one where no map is needed.</param>
/// <param name="Coverage">How much of each map meets the voxels that count.</param>
/// <param name="Fit">How they came onto the site's grid.</param>
internal sealed record RequestedMaps(IReadOnlyList<string> Digests, IReadOnlyList<decimal> Coverage, MapFit Fit)
{
    public static readonly RequestedMaps NoneNeeded = new([""], [], MapFit.None);

    public static readonly RequestedMaps Unread = new([], [], MapFit.None);
}

/// <summary>Reads the maps of requests.</summary>
internal sealed class MapReading(CohortOptions options) : IDisposable
{
    /// <summary>Of a map's energy, what rounding to 10 bits may take: the maps that are the same question (control C0) must be alike.</summary>
    private const double MostLost = 0.01;

    private readonly SemaphoreSlim _reading = new(2);

    /// <summary>What is wrong with the maps, or with the mask, goes to <paramref name="faults"/>.</summary>
    /// <param name="isSpatial">Whether the map's surrogates are asked for.</param>
    public async Task<RequestedMaps> ReadAsync(byte[] bytes, DataView view, string? mask, Score score, bool isSpatial, FaultList<RequestFault> faults, CancellationToken cancellationToken)
    {
        // A reading holds one map, unpacked, and the mask in memory: so few go on at once.
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (Mask(view, mask, score, faults) is not var (coverage, masked))
                return RequestedMaps.Unread;
            using var reader = NiftiReader.Open(new MemoryStream(bytes), options.LimitsOn(view.Grid!));
            var (digests, fit, maps) = (new List<string>(), MapFit.None, reader.CountMaps());
            foreach (var placement in MapPlacement.ReadEach(reader, view.Grid!, coverage.Add))
            {
                if (placement is not MapPlacement.Placed placed)
                {
                    faults.Add(new RequestFault("map_file", ((MapPlacement.Refused)placement).Reason));
                    return RequestedMaps.Unread;
                }

                fit = placed.Fit;
                if (isSpatial && maps == 1 && masked.WhyNoSurrogates(placed.Map.Map(0)) is { } none)
                    faults.Add(new RequestFault("null", $"spatial: {none}"));
                for (var map = 0; map < placed.Map.Maps; map++)
                    digests.Add(Digest(masked, placed.Map.Map(map), maps == 1 ? "the map" : $"map {digests.Count + 1} of {maps}", faults));
            }

            return new RequestedMaps(digests, [.. coverage.Shares.Select(share => Math.Round((decimal)share, 3))], fit);
        }
        catch (NiftiException e)
        {
            faults.Add(new RequestFault("map_file", $"is no NIfTI volume that can be read: {e.Message}"));
        }
        finally
        {
            _reading.Release();
        }

        return RequestedMaps.Unread;
    }

    /// <summary>For a question without a map: the mask alone is looked at.</summary>
    public async Task<RequestedMaps> ReadNoneAsync(DataView view, string? mask, FaultList<RequestFault> faults, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return mask is null || Mask(view, mask, Score.Dot, faults) is not null ? RequestedMaps.NoneNeeded : RequestedMaps.Unread;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    /// <summary>The mask that is asked for; null where it cannot be used, which is not the map's fault.</summary>
    private static (MapCoverage Coverage, MaskedMap Masked)? Mask(DataView view, string? mask, Score score, FaultList<RequestFault> faults)
    {
        try
        {
            return (new MapCoverage(view, mask), new MaskedMap(view, mask, score));
        }
        catch (NiftiException e)
        {
            faults.Add(new RequestFault("mask", $"{mask} cannot be used: {e.Message}: a steward of this site can mend it"));
            return null;
        }
    }

    private static string Digest(MaskedMap masked, ReadOnlyMemory<float> whole, string which, FaultList<RequestFault> faults)
    {
        var values = masked.Of(whole);
        var map = CanonicalMap.Of(values);
        if (masked.WhyEmpty(values, which) is { } why)
            faults.Add(new RequestFault("map_file", why));
        else if (map.EnergyLost > MostLost)
            faults.Add(new RequestFault("map_file", $"{which} has values so far apart that most of it is next to nothing beside its largest one: leave out or clip what stands out"));
        return Convert.ToHexStringLower(map.Digest());
    }
}
