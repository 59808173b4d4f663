using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>What of a map counts: its values inside a mask. What it holds elsewhere changes no score.</summary>
public sealed class MaskedMap
{
    private readonly float[]? _inside;
    private readonly Score _score;

    /// <param name="view">Whose mask it is.</param>
    /// <param name="mask">The mask's name; null for the whole grid.</param>
    /// <param name="score">What maps count for: those that all volumes score alike, or alike but for a factor, are the same here.</param>
    /// <exception cref="NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public MaskedMap(DataView view, string? mask, Score score) =>
        (_inside, _score) = (mask is null ? null : SiteMask.Read(view, mask, view.Grid ?? throw new InvalidOperationException("The data view has no grid."), limits: null), score);

    /// <summary>The values on the site's grid, 0 outside the mask.</summary>
    /// <param name="map">There.</param>
    public float[] Of(ReadOnlyMemory<float> map)
    {
        var values = map.ToArray();
        int[] counted = [.. Enumerable.Range(0, values.Length).Where(voxel => IsInside(voxel) && float.IsFinite(values[voxel]))];
        var counting = Counting(Array.ConvertAll(counted, voxel => values[voxel]), _score);
        for (var voxel = 0; voxel < values.Length; voxel++)
            values[voxel] = IsInside(voxel) ? values[voxel] : 0;
        for (var i = 0; i < counted.Length; i++)
            values[counted[i]] = counting[i];
        return values;
    }

    /// <summary>Why a map can have no surrogates (<see cref="NullModel.Spatial"/>); null where it can, as far as the mask tells: without one, the volumes decide which voxels count.</summary>
    public string? WhyNoSurrogates(ReadOnlyMemory<float> map)
    {
        var values = map.ToArray();
        return Surrogates.WhyNone(values, [.. Enumerable.Range(0, values.Length).Where(voxel => IsInside(voxel) && float.IsFinite(values[voxel]))]);
    }

    /// <summary>Why a map scores nobody; null where it does.</summary>
    /// <param name="values">As <see cref="Of"/> gives them.</param>
    /// <param name="which">What the map is called.</param>
    public string? WhyEmpty(float[] values, string which)
    {
        if (Array.Exists(values, value => float.IsFinite(value) && value != 0))
            return null;
        if (_inside is not null && !Array.Exists(_inside, value => value > 0))
            return $"{which} is nowhere inside the mask, which is empty on the site's grid";
        return _score switch
        {
            Score.MeanInside => $"{which} is nowhere positive inside the mask",
            Score.SpatialPearson or Score.SpatialSpearman => $"{which} is the same everywhere inside the mask: it has no correlation",
            _ => $"{which} is zero everywhere inside the mask",
        };
    }

    private bool IsInside(int voxel) => _inside is null || _inside[voxel] > 0;

    private static float[] Counting(float[] values, Score score)
    {
        switch (score)
        {
            case Score.MeanInside:
                return Array.ConvertAll(values, value => value > 0 ? 1f : 0);
            case Score.SpatialSpearman:
                // About their mean, so that the middle rank is 0.
                return Array.ConvertAll(ValueOrder.DoubledRanks(values), rank => rank - values.Length - 1);
            case Score.SpatialPearson when values.Length > 0:
                // Of a constant map the mean may differ by a rounding.
                var mean = Array.TrueForAll(values, value => value == values[0]) ? values[0] : values.Average(value => (double)value);
                return Array.ConvertAll(values, value => (float)(value - mean));
            default:
                return values;
        }
    }
}
