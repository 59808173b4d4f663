using System.CommandLine;
using System.Text.Json;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Identity;
using Spectre.Console;

namespace Lazaret.Node.Cli.Doctor;

internal static class DoctorCommand
{
    public static Command Create(Settings settings)
    {
        var json = new Option<bool>("--json") { Description = "one JSON document" };
        var access = new Option<bool>("--access") { Description = "which role may call which endpoint, and nothing else" };
        var command = new Command("doctor", "What this machine and this configuration can do, and why not.") { json, access };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(access))
            {
                PrintAccess(parsed.GetValue(json));
                return ExitCodes.Done;
            }

            var node = settings.Enter(StateUse.None);
            var findings = new List<Finding> { ExamineConfiguration(node) };
            findings.AddRange(await Examination.RunAsync(node.Options, node.Configuration, cancellationToken));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(findings, JsonSerializerOptions.Web));
            else
                AnsiConsole.Write(TableOf(findings));
            return findings.Any(finding => finding.IsFault) ? ExitCodes.No : ExitCodes.Done;
        });
        return command;
    }

    private static Finding ExamineConfiguration(NodeSettings node)
    {
        const string What = "configuration";
        if (node.Doubt is { } doubt)
            return Finding.No(What, doubt, "name the node by --config FILE, WORK_DIR or Lazaret:State; the service's file is read as root: sudo lazaret doctor", needed: node.Source.MissesService);
        var overridden = string.Join(", ", node.Overridden);
        return Finding.Yes(What, overridden.Length == 0 ? node.Words : $"{node.Words}; the environment or the command line gives other values than it to: {overridden}", needed: false);
    }

    private static void PrintAccess(bool json)
    {
        var rows = AccessTable.Endpoints.OrderBy(row => row.Key.Split(' ')[1], StringComparer.Ordinal).ThenBy(row => row.Key, StringComparer.Ordinal).ToList();
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                rows.Select(row => new { endpoint = row.Key, open = row.Value.IsOpen, loopback = row.Value.FromLoopback, roles = RoleNames.Of(row.Value.Roles) }), JsonSerializerOptions.Web));
            return;
        }

        var table = new Table().RoundedBorder().AddColumns(["endpoint", "without authentication", .. RoleNames.All]);
        foreach (var (endpoint, access) in rows)
        {
            var open = access.IsOpen ? "everybody" : access.FromLoopback ? "on this machine" : "";
            table.AddTexts([endpoint, open, .. RoleNames.Each.Select(role => access.Admits(role) ? "yes" : "")]);
        }

        AnsiConsole.Write(table);
    }

    internal static Table TableOf(IReadOnlyList<Finding> findings)
    {
        var table = new Table().RoundedBorder().AddColumns("what", "", "why");
        foreach (var finding in findings)
        {
            var mark = finding.Ok ? new Text("yes", Color.Green) : new Text("no", finding.Needed ? Color.Red : Color.Yellow);
            table.AddRow(new Text(finding.What), mark, new Text(finding.Ok ? finding.Why : $"{finding.Why}\n→ {finding.Mend}"));
        }

        return table;
    }
}
