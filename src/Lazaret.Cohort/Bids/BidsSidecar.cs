using System.Text.Json;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Bids;

/// <summary>What a table's JSON file says of one of its columns.</summary>
/// <param name="Levels">The values that there are, with what they mean; null when it does not say.</param>
/// <param name="Missing">Values that mean that there is none: a level that is called unknown, for one.</param>
internal sealed record BidsSidecar(IReadOnlyDictionary<string, string>? Levels, IReadOnlyCollection<string> Missing, string? Units, string? Description)
{
    private const int MaxBytes = 4 << 20;

    /// <summary>By column; nothing where there is no such file.</summary>
    public static IReadOnlyDictionary<string, BidsSidecar> Read(string folder, string table, FaultList<Fault> faults)
    {
        var file = Path.ChangeExtension(table, ".json");
        var columns = new Dictionary<string, BidsSidecar>(StringComparer.Ordinal);
        try
        {
            var bytes = RegularFile.ReadAllBytes(Path.Combine(folder, file), MaxBytes);
            if (ForeignFile.NameOf(bytes) is { } foreign)
            {
                faults.Add(new Fault(file, 0, 0, $"is {foreign}"));
                return columns;
            }

            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException("expected an object");
            foreach (var column in document.RootElement.EnumerateObject().Where(column => column.Value.ValueKind == JsonValueKind.Object))
            {
                var levels = Meanings(column.Value);
                columns[column.Name] = new BidsSidecar(
                    levels?.Where(level => !MissingCodes.Contains(level.Value)).ToDictionary(StringComparer.Ordinal),
                    [.. levels?.Where(level => MissingCodes.Contains(level.Value)).Select(level => level.Key) ?? []],
                    Text(column.Value, nameof(Units)),
                    Text(column.Value, nameof(Description)));
            }
        }
        catch (FileNotFoundException)
        {
            // A table need not have one.
            if (DeadLink.WhyOf(Path.Combine(folder, file)) is { } dead)
                faults.Add(new Fault(file, 0, 0, dead));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            faults.Add(new Fault(file, 0, 0, "is no JSON object of columns"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(file, 0, 0, e is RegularFileException ? e.Message : "the file cannot be read"));
        }

        return columns;
    }

    private static string? Text(JsonElement column, string name) =>
        column.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // A level's meaning is a text, or since BIDS 1.9 an object with a description.
    private static Dictionary<string, string>? Meanings(JsonElement column) =>
        column.TryGetProperty(nameof(Levels), out var levels) && levels.ValueKind == JsonValueKind.Object
            ? levels.EnumerateObject().Where(level => level.Name != BidsTable.Missing).DistinctBy(level => level.Name)
                .ToDictionary(level => level.Name, level => level.Value.ValueKind == JsonValueKind.String ? level.Value.GetString()! : level.Value.ValueKind == JsonValueKind.Object ? Text(level.Value, nameof(Description)) ?? "" : "", StringComparer.Ordinal)
            : null;
}
