using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Regions into which a site divides the brain. One value per region of an R-map may leave, and no value of a voxel.</summary>
/// <param name="Parcels">The regions, by increasing label.</param>
public sealed record Parcellation(string Name, IReadOnlyList<Parcel> Parcels)
{
    internal const string Folder = "parcellations";

    private const int MostParcels = 1000;
    private const int LongestName = 200;
    private static readonly string[] Columns = ["index", "name"];

    internal static string VolumeFile(string name) => $"{Folder}/{name}.nii.gz";

    internal static string TableFile(string name) => $"{Folder}/{name}.csv";

    /// <summary>Reads the parcellations of site.yaml whose two files exist and whose table is sound; what is wrong with the others goes to <paramref name="faults"/>.</summary>
    internal static IReadOnlyList<Parcellation> Read(string directory, IReadOnlyList<string> names, TableFormat format, VolumePaths paths, FaultList<Fault> faults)
    {
        var found = new List<Parcellation>();
        foreach (var name in names)
        {
            var before = faults.Total;
            if (!File.Exists(Path.Combine(directory, VolumeFile(name))))
                faults.Add(new Fault(VolumeFile(name), 0, 0, "the file is missing"));
            else
                SiteFiles.IsShown(paths, VolumeFile(name), faults);
            var table = CsvTable.Read(directory, TableFile(name), Columns, format, faults);
            SiteFiles.Show(paths, TableFile(name), table.IsRead, faults);
            var parcels = ParcelsOf(table, faults);
            if (faults.Total == before)
                found.Add(new Parcellation(name, parcels));
        }

        return found;
    }

    private static IReadOnlyList<Parcel> ParcelsOf(CsvTable table, FaultList<Fault> faults)
    {
        var (index, name) = (table.IndexOf(Columns[0]), table.IndexOf(Columns[1]));
        var parcels = new SortedDictionary<int, Parcel>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in table.Lines)
        {
            if (!int.TryParse(line.Fields[index], NumberStyles.None, CultureInfo.InvariantCulture, out var label) || label == 0)
                faults.Add(table.FaultAt(line, index, "is no whole number from 1"));
            else if (line.Fields[name] is { Length: 0 or > LongestName } || line.Fields[name].Any(char.IsControl))
                faults.Add(table.FaultAt(line, name, $"is no name of 1 to {LongestName} characters"));
            else if (!names.Add(line.Fields[name]) || !parcels.TryAdd(label, new Parcel(label, line.Fields[name])))
                faults.Add(new Fault(table.File, line.Number, 0, "a label or name that is there before"));
        }

        if (table.IsRead && (parcels.Count is 0 or > MostParcels))
            faults.Add(new Fault(table.File, 0, 0, parcels.Count == 0 ? "the table names no parcel" : $"{parcels.Count} parcels, more than {MostParcels}"));
        return [.. parcels.Values];
    }
}
