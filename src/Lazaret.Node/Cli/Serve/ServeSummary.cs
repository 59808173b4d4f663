using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.Models;
using Lazaret.Node.Releases;
using Lazaret.Node.Sandboxes;
using Spectre.Console;

namespace Lazaret.Node.Cli.Serve;

/// <summary>What a person reads when the node has started: where it is, what it can be asked, and what is not safe yet.</summary>
internal sealed class ServeSummary(WebApplication node, NodeOptions options, NodeRole role)
{
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var backend = role == NodeRole.Api ? null : await node.Services.GetRequiredService<SandboxBackends>().ChooseAsync(cancellationToken);
        var rows = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        // In a rule's title, which is markup, a name between colons would become an emoji.
        Add(rows, "site", $"{options.Site.Name}, {NodeEnvironment.Current.Name}");
        Add(rows, "address", string.Join(", ", node.Urls.Select(url => $"{url} (described at {url}/openapi/v1.json)")));
        if (role != NodeRole.Work)
        {
            Add(rows, "data view", DataView());
            Add(rows, "models", await ModelsAsync(cancellationToken));
        }

        Add(rows, "sandbox", backend?.Name ?? "none: this process only admits");
        Add(rows, "state", Path.GetFullPath(options.State));
        foreach (var unsafely in NotSafe(backend))
            rows.AddRow(new Markup("[yellow]not safe[/]"), new Text(unsafely));

        Terminal.Error.Write(new Rule($"[bold]Lazaret {NodeVersion.Current}[/]").LeftJustified());
        Terminal.Error.Write(rows);
        Terminal.Error.Write(new Rule());
    }

    private string DataView()
    {
        var site = node.Services.GetRequiredService<CohortSite>();
        return site.Read(out var why) is { } data
            ? $"{site.Directory}: {data.View.Rows.Count} rows, {data.Catalog.Outcomes.Count} outcomes, grid {data.View.Grid}"
            : why;
    }

    private async Task<string> ModelsAsync(CancellationToken cancellationToken)
    {
        var models = await node.Services.GetRequiredService<ModelRegistry>().ListAsync(cancellationToken);
        return models.Count == 0 ? "none: lazaret models add MANIFEST" : string.Join(", ", models.Select(model => model.Name));
    }

    private IEnumerable<string> NotSafe(ISandbox? backend)
    {
        if (NodeEnvironment.Current.Doubt is { } doubt)
            yield return doubt;
        if (!NodeEnvironment.Current.IsProduction && node.Urls.Any(ListenAddresses.IsForOthers))
            yield return $"others reach this node, and its environment is {NodeEnvironment.Current.Name}, in which it takes keys that others may read, and runs programs without a sandbox where it is told to: set DOTNET_ENVIRONMENT=Production";
        if (options.Auth.Modes.Count == 0)
            yield return "whoever reaches the address may ask: Lazaret:Auth:Modes is empty";
        if (options.Http.Proxies.Count == 0)
        {
            foreach (var url in node.Urls.Where(ListenAddresses.IsOpenInClear))
                yield return $"keys and patients' data go to {url} in clear: listen on https (Lazaret:Tls:Certificate), or set Lazaret:Http:Proxies to the proxy that ends TLS";
        }

        if (backend is { Isolates: false })
            yield return "visiting programs are not isolated: 'lazaret doctor' says what a real sandbox lacks";
        if (DisclosureNote.Of(options.Disclosure).Off is [_, ..] off)
            yield return $"somebody who sends many maps may learn about single subjects: these disclosure controls are switched off: {string.Join(", ", off)}";
    }

    private static void Add(Grid rows, string name, string value) => rows.AddRow(new Markup($"[bold]{name}[/]"), new Text(value));
}
