using System.Globalization;
using System.Text;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>What a visiting analysis is given beside the data view, so that it need neither resample nor select nor read numbers out of tables, and can do none of it in a way of its own.</summary>
public static class VisitingFiles
{
    private const string MustBeQuoted = "\",\r\n";

    /// <summary>By the names of <see cref="AnalysisContract"/>: the map on the site's grid, the mask there if the query has one, the rows that it selects, and their values.</summary>
    /// <param name="selection">Those of <see cref="Select"/>.</param>
    /// <param name="map">On the view's grid, as <see cref="MapPlacement"/> gives it.</param>
    /// <exception cref="NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public static IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Of(DataView view, CohortQuery query, CohortSelection selection, NiftiVolume map)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal)
        {
            [AnalysisContract.MapFile] = Pack(map),
            [AnalysisContract.RowsFile] = Encoding.UTF8.GetBytes(Table(view, selection, withValues: false)),
            [AnalysisContract.ValuesFile] = Encoding.UTF8.GetBytes(Table(view, selection, withValues: true)),
        };
        if (query.Mask is { } mask)
        {
            // Inside is 1, whatever the mask's own values and threshold are.
            var inside = SiteMask.Read(view, mask, map.Grid, limits: null);
            files[AnalysisContract.MaskFile] = Pack(new NiftiVolume(map.Grid, 1, Array.ConvertAll(inside, value => value > 0 ? 1f : 0)));
        }

        return files;
    }

    /// <summary>
    /// The rows that the query selects and that can be answered about: those with the query's score, as the built-in analysis has it. A volume that cannot be used, or that shares
    /// no finite voxel with the map inside the mask, is so left out before the program sees the list, and the program's n is the list's.
    /// </summary>
    /// <param name="store">Rows that it does not hold are read from their volumes.</param>
    /// <exception cref="NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public static CohortSelection Select(DataView view, CohortStore? store, CohortQuery query, NiftiVolume map, CancellationToken cancellationToken)
    {
        var scores = new CohortAnalysis(view, store).Score(query, map, cancellationToken);
        return scores.Selection.Only(CohortScores.Kept(scores.Scores[0]));
    }

    private static byte[] Pack(NiftiVolume volume)
    {
        using var packed = new MemoryStream();
        NiftiWriter.Write(packed, volume, compress: true);
        return packed.ToArray();
    }

    // RFC 4180, as the tables of the view; numbers so that they are read back bit for bit.
    private static string Table(DataView view, CohortSelection selection, bool withValues)
    {
        IReadOnlyList<double[]> columns = withValues ? [selection.Outcome, .. selection.Covariates] : [];
        var text = new StringBuilder("subject_id,visit");
        if (withValues)
            text.AppendJoin("", ((string[])["conn_path", "outcome", .. selection.CovariateNames]).Select(name => $",{Field(name)}"));
        text.Append('\n');
        for (var i = 0; i < selection.Rows.Count; i++)
        {
            var row = view.Rows[selection.Rows[i]];
            text.Append(Field(row.SubjectId)).Append(',').Append(Field(row.Visit));
            if (withValues)
                text.Append(',').Append(Field(row.VolumeName));
            foreach (var values in columns)
                text.Append(CultureInfo.InvariantCulture, $",{values[i]:R}");
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Field(string text) => text.AsSpan().ContainsAny(MustBeQuoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
