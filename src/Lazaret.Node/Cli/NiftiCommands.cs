using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cli;

internal static class NiftiCommands
{
    public static Command Create() => new("nifti", "NIfTI volumes, as the node reads them.") { Info(), Resample() };

    /// <summary>A volume of the command line's.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static NiftiVolume Read(string file) => Reading(file, () => NiftiVolume.Read(file));

    private static Command Info()
    {
        var file = new Argument<string>("F") { Description = "a .nii, .nii.gz, .hdr or .img" };
        var json = new Option<bool>("--json") { Description = "one JSON line" };
        var command = new Command("info", "What a volume holds.") { file, json };
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(file);
            var summary = Reading(name, () => NiftiSummary.Read(name));
            if (parsed.GetValue(json))
                Console.WriteLine(ToJson(summary).ToJsonString());
            else
                Print(summary);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Resample()
    {
        var map = new Argument<string>("MAP") { Description = "the volume to bring onto another grid" };
        var onto = new Option<string>("--onto") { Description = "a volume on that grid", Required = true };
        var target = new Option<string>("--out") { Description = "the file to write, .nii or .nii.gz", Required = true };
        var command = new Command("resample", "Bring a volume onto another's grid, as the node does it.") { map, onto, target };
        command.SetAction(parsed =>
        {
            var template = parsed.GetRequiredValue(onto);
            var grid = Reading(template, () => { using var reader = NiftiReader.Open(template); return reader.Header.Grid; });
            var name = parsed.GetRequiredValue(map);
            var volume = Read(name);
            var (placed, covered) = Reading(name, () => Resampling.Onto(volume, grid, Interpolation.Trilinear));
            var file = parsed.GetRequiredValue(target);
            Reading(file, () => { NiftiWriter.Write(file, placed); return placed; });
            if (covered == 0)
                Console.Error.WriteLine($"lazaret: {name}: does not meet that grid: every voxel of {file} is 0");
            return ExitCodes.Done;
        });
        return command;
    }

    private static JsonObject ToJson(NiftiSummary summary) => new()
    {
        ["dims"] = new JsonArray([.. summary.Header.Dims.Select(dim => (JsonNode)dim)]),
        ["datatype"] = summary.Header.Type.ToString().ToLowerInvariant(),
        ["affine"] = new JsonArray([.. Enumerable.Range(0, 4).Select(row =>
            (JsonNode)new JsonArray([.. Enumerable.Range(0, 4).Select(column => (JsonNode)summary.Header.Affine[row, column])]))]),
        ["orientation"] = summary.Header.Affine.Orientation,
        ["voxel_mm"] = new JsonArray([.. Enumerable.Range(0, 3).Select(axis => (JsonNode)Math.Round(summary.Header.Affine.Length(axis), 6))]),
        ["sform_code"] = summary.Header.SformCode,
        ["qform_code"] = summary.Header.QformCode,
        ["space"] = Space(summary.Header.SformCode > 0 ? summary.Header.SformCode : summary.Header.QformCode),
        ["units"] = summary.Header.Unit.ToString().ToLowerInvariant(),
        ["sform_qform_apart_mm"] = Math.Round(summary.Header.Disagreement, 6),
        ["finite_voxels"] = summary.FiniteVoxels,
        ["sum"] = Number(summary.Sum),
        ["mean"] = Number(summary.Mean),
        ["min"] = Number(summary.Min),
        ["max"] = Number(summary.Max),
    };

    private static string Space(int code) => code switch
    {
        1 => "scanner",
        2 => "aligned",
        3 => "talairach",
        4 => "mni152",
        5 => "template",
        _ => "unknown",
    };

    // A sum beyond double's range is no JSON number.
    private static JsonNode? Number(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    private static void Print(NiftiSummary summary)
    {
        foreach (var (name, value) in ToJson(summary))
            Console.WriteLine($"{name,-20} {value?.ToJsonString() ?? "none"}");
        Console.WriteLine($"{"format",-20} {string.Create(CultureInfo.InvariantCulture, $"NIfTI-{summary.Header.Version}")}{(summary.Header.IsPair ? ", a pair" : "")}{(summary.Header.IsSwapped ? ", of the other byte order" : "")}");
    }

    public static T Reading<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FileNotFoundException) when (DeadLink.WhyOf(file) is { } dead)
        {
            throw new InputException(PlainText.Line($"{file}: {dead}"));
        }
        catch (Exception e) when (e is NiftiException or IOException or UnauthorizedAccessException)
        {
            throw new InputException(PlainText.Line($"{file}: {e.Message}"));
        }
    }
}
