using System.CommandLine;
using System.Text;
using Lazaret.Cohort;
using Lazaret.Cohort.Bids;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cli.Site;

/// <summary>Makes a data view out of a BIDS data set: tables and a mapping are written, volumes are named where they lie.</summary>
internal static class BidsImportCommand
{
    private const int MostFaults = 1000;

    public static Command Create(Settings settings)
    {
        var source = new Argument<string>("DIR") { Description = "the data set, with participants.tsv and derivatives/" };
        var target = new Option<string>("--out") { Description = "the data view: a folder that is empty, does not exist, or was made by an import", Required = true, HelpName = "VIEW" };
        var given = new Option<string?>("--mapping") { Description = $"which columns and volumes; proposed without it, and kept as VIEW/{BidsMapping.File}", HelpName = "FILE" };
        var command = new Command("import-bids", "Make a data view out of a BIDS data set. Nothing is copied but tables. It ends with 1 when something must be chosen or mended, there is no outcome, or subjects were lost.") { source, target, given };
        command.SetAction(parsed => Import(parsed.GetRequiredValue(source), parsed.GetRequiredValue(target), parsed.GetValue(given), settings.State));
        return command;
    }

    private static int Import(string source, string target, string? given, string state)
    {
        if (!Directory.Exists(source))
            throw new InputException($"{source}: there is no such folder");
        var kept = Path.Combine(target, BidsMapping.File);
        if (Directory.Exists(target) && !File.Exists(kept) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new InputException($"{target}: is not empty, and was made by no import");
        try
        {
            var faults = new FaultList<Fault>(MostFaults);
            var dataset = BidsDataset.Read(source, faults, target);
            var mapping = given is null ? BidsProposal.Of(dataset) : ReadMapping(given);
            var named = given ?? kept;
            faults.AddRange(mapping.Faults);
            Say(mapping.Notes);
            if (BidsView.Of(dataset, mapping, named, faults) is not { } view)
            {
                Say(faults.Lines());
                if (given is not null)
                    return ExitCodes.No;
                Write(target, BidsMapping.File, mapping.Write());
                Console.Error.WriteLine($"lazaret: the proposed mapping is in {kept}: change it, and import again with --mapping {kept}");
                return ExitCodes.No;
            }

            foreach (var (name, text) in view.Files)
            {
                // What a person may have declared since stays.
                if (name == "site.yaml" && File.Exists(Path.Combine(target, name)))
                    Console.Error.WriteLine($"lazaret: {Path.Combine(target, name)}: is left as it is");
                else if (name != BidsMapping.File || given is null || !File.Exists(kept) || Path.GetFullPath(given) != Path.GetFullPath(kept))
                    Write(target, name, text);
            }

            Directory.CreateDirectory(Path.Combine(target, "masks"));
            Say(faults.Lines());
            Say(view.Lost);
            string[] without = view.WithoutOutcome is { } why ? [why] : [];
            Say(without);
            return Check(target, view, state) && faults.Count == 0 && view.Lost.Count == 0 && without.Length == 0 ? ExitCodes.Done : ExitCodes.No;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(PlainText.Line(e.Message));
        }
    }

    private static BidsMapping ReadMapping(string file)
    {
        var faults = new FaultList<Fault>();
        var text = Utf8Text.Decode(RegularFile.ReadAllBytes(file, YamlDocument.MaxBytes), out var fault);
        var mapping = text is null ? null : BidsMapping.Read(text, file, faults);
        if (fault is not null)
            faults.Add(new Fault(file, fault.Line, fault.Column, fault.Message));
        return mapping is not null && faults.Count == 0 ? mapping : throw new InputException(string.Join('\n', faults.Lines()));
    }

    /// <summary>As the node reads what was written; true when it finds no fault, and no other template than it says.</summary>
    private static bool Check(string target, BidsView view, string state)
    {
        var opened = DataView.Open(Path.GetFullPath(target), hostDirectory: null, Path.GetFullPath(state));
        Say(opened.Faults.Lines());
        // site.yaml may be an earlier import's, which knew fewer columns; or a steward took them out.
        var undeclared = view.UndeclaredIn(opened.Declaration);
        if (undeclared.Count > 0)
            Say([$"{List(undeclared)}: imported, but not declared in {Path.Combine(target, "site.yaml")}, so that nobody can ask for it: if that is not meant, declare it there, or delete that file and import again"]);
        string[] contrary = TemplateSpace.Contrary([.. opened.Rows.Select(row => row.VolumeName)], opened.Declaration.Template) is { } found ? [$"{Path.Combine(target, "site.yaml")}: {found}"] : [];
        Say(contrary);
        Console.WriteLine($"{target}: {view.Volumes} volumes of the data set, {opened.Rows.Count} rows, attributes {List(opened.Attributes.Keys.Except(undeclared))}, outcomes {List(opened.Outcomes.Keys.Except(undeclared))}. 'lazaret site check {target}' reads the volumes too");
        return opened.Faults.Count == 0 && contrary.Length == 0;

        static string List(IEnumerable<string> names) => string.Join(", ", names.Select(name => Quoted.Bare(name))) is { Length: > 0 } list ? list : "none";
    }

    // A node that reads the view meanwhile must not see half a table.
    private static void Write(string folder, string name, string text)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, name);
        File.WriteAllText($"{file}.new", text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move($"{file}.new", file, overwrite: true);
    }

    private static void Say(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Console.Error.WriteLine($"lazaret: {line}");
    }
}
