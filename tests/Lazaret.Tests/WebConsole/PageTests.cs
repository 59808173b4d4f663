using System.Text.Json.Nodes;
using Deque.AxeCore.Commons;
using Lazaret.Disclosure;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Projects;
using Lazaret.Tests.Releases;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>The console in a real browser. With <c>LAZARET_PAGES</c> set to a folder each page is pictured there.</summary>
public sealed class PageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_page_has_what_hinders_people_in_either_scheme_at_any_width()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Requesters = ["somebody"] } } });
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), Requester.Local.Name);
        var held = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b"), "somebody");
        var batch = await DecidedJobs.RunBatchAsync(node.Services, Requester.Local.Name, DecidedJobs.Ask("c"), DecidedJobs.Ask("d"), DecidedJobs.Ask("e"));
        var blocked = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("f", rule: BlockRule.Outcome), Requester.Local.Name);
        var queue = node.Services.GetRequiredService<JobQueue>();
        var (failed, running) = (await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "g"), await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "h"));
        await queue.ConcludeAsync((await queue.ClaimAsync("process", Unrunnable.None, failed.Id, Stop))!, new RunReport.Failed(RunEnd.Exited, "the analysis gave no answer") { Log = "no module numpy" }, Stop);
        Assert.NotNull(await queue.ClaimAsync("process", Unrunnable.None, running.Id, Stop));
        await node.ApproveAsync(new Approval("tremor", "A study of tremor") { Purpose = "What stimulation changes" });
        await using var browser = await Chromium.StartAsync();
        var found = new List<string>();
        foreach (var (name, path) in new[]
        {
            ("job-blocked", $"/jobs/{blocked.Id}"), ("job-failed", $"/jobs/{failed.Id}"), ("job-running", $"/jobs/{running.Id}"), ("project", "/projects/tremor"),
            ("home", ""), ("jobs", "/jobs"), ("jobs-none", "/jobs?state=failed"), ("jobs-faulty", "/jobs?job=7&from=soon"), ("job", $"/jobs/{job.Id}"), ("batch", $"/jobs/{batch.Id}"), ("other-job", $"/jobs/{held.Id}"), ("log", $"/jobs/{job.Id}/log"),
            ("ask", "/ask"), ("reviews", "/reviews"), ("reviews-decided", "/reviews?list=decided"), ("review", $"/reviews/{held.Id}"), ("data", "/data"), ("models", "/models"),
            ("model", $"/models/{ServingNode.Model}"), ("ledger", "/ledger"), ("audit-none", "/ledger?actor=nobody"), ("people", "/people"), ("projects", "/projects"), ("new-project", "/new-project"), ("webhooks", "/webhooks"), ("nothing", $"/jobs/{Guid.Empty}"),
        })
        {
            await browser.GoAsync($"{node.Client.BaseAddress}console{path}");
            await browser.UntilAsync("document.querySelector('footer')");
            await LookAsync(browser, name, found);
            await TabThroughAsync(browser, name, found);
        }

        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    [Fact]
    public async Task The_interface_is_shown_by_a_script_of_the_nodes_own()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}docs");
        await browser.UntilAsync("document.body.innerText.includes('Questions travel to the data')");
        Assert.Equal("/console", await browser.TextAsync("document.querySelector('body > header a').pathname"));
        Assert.Equal(0, (await browser.EvaluateAsync("performance.getEntriesByType('resource').filter(entry => new URL(entry.name).origin !== location.origin && !entry.name.startsWith('data:')).length"))!.GetValue<int>());
        var found = new List<string>();
        foreach (var dark in new[] { false, true })
        {
            await PictureAsync(browser, "docs", dark, 1280);
            found.AddRange((await FindFaultsAsync(browser)).Where(fault => fault.Contains("contrast", StringComparison.Ordinal)).Select(fault => $"{(dark ? "dark" : "light")}: {fault}"));
        }

        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    [Fact]
    public async Task A_second_click_sends_nothing()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}console/ledger");
        await browser.UntilAsync("document.querySelector('form[action$=verify]')");
        Assert.Equal("false,true", await browser.TextAsync("""
            (() => {
              const prevented = [];
              addEventListener("submit", event => { prevented.push(event.defaultPrevented); event.preventDefault(); });
              const form = document.querySelector("form[action$=verify]");
              form.requestSubmit();
              form.requestSubmit();
              return prevented.join();
            })()
            """));
    }

    [Fact]
    public async Task A_researcher_asks_with_a_map_and_is_told_what_is_wrong_without_losing_the_form()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}console/ask");
        await browser.UntilAsync("document.querySelector('form[data-question]')");
        await browser.ChooseFileAsync("#map", TinySite.Map("main.nii.gz"));

        // The price is of the outcome that is chosen.
        foreach (var outcome in new[] { "YBOCS_change", "UPDRS_change" })
        {
            await browser.EvaluateAsync($"var outcome = document.getElementById('outcome'); outcome.value = '{outcome}'; outcome.dispatchEvent(new Event('change', {{ bubbles: true }}))");
            await browser.UntilAsync($"document.querySelector('[data-price]').textContent.includes('{outcome}')");
        }

        // What is typed stays, and goes with what is ticked.
        const string Type = "var field = document.getElementById('filters'); field.value = '{\"no_such\":\"x\"}'; field.dispatchEvent(new Event('input', { bubbles: true })); document.querySelector('[name=\"level:dx\"][value=PD]').click()";
        const string Curl = "document.querySelector('[data-curl]').textContent";
        await browser.EvaluateAsync(Type);
        Assert.Equal("""{"no_such":"x"}""", await browser.TextAsync("document.getElementById('filters').value"));
        Assert.Contains("""-F 'filters={"dx":["PD"],"no_such":"x"}'""", await browser.TextAsync(Curl), StringComparison.Ordinal);
        await browser.EvaluateAsync("document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("!document.getElementById('refusal').hidden");
        Assert.Contains("no_such", await browser.TextAsync("document.getElementById('refusal').textContent"), StringComparison.Ordinal);
        Assert.Equal("1", await browser.TextAsync("String(document.getElementById('map').files.length)"));
        // It is marked where it is, too, and once.
        await browser.EvaluateAsync("document.getElementById('refusal').hidden = true; document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("!document.getElementById('refusal').hidden");
        Assert.Equal("#who who-f", await browser.TextAsync("`${document.querySelector('#refusal a').getAttribute('href')} ${[...document.querySelectorAll('#who.faulty .fault')].map(told => told.id).join()}`"));

        // Another analysis takes no map.
        const string Choose = "document.getElementById('task').dispatchEvent(new Event('change', { bubbles: true }))";
        await browser.EvaluateAsync($"document.getElementById('task').value = 'cross_validate_v1'; {Choose}");
        Assert.DoesNotContain("map_file", await browser.TextAsync(Curl), StringComparison.Ordinal);
        Assert.Equal("true false", await browser.TextAsync("`${document.querySelector('fieldset:has(#map)').hidden} ${document.querySelector('[data-task]:has(#cv)').hidden}`"));
        await browser.EvaluateAsync($"document.getElementById('task').value = 'map_to_outcome_v1'; {Choose}");

        // What answers is not always the node.
        await browser.EvaluateAsync("document.getElementById('filters').value = ''; window.sound = window.fetch; window.fetch = () => Promise.resolve(new Response('<h1>Too large</h1>', { status: 413, headers: { 'Content-Type': 'text/html' } })); document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("document.getElementById('refusal').textContent.includes('larger than the proxy')");
        // A session may end meanwhile.
        await browser.EvaluateAsync("window.fetch = () => Promise.resolve(new Response('{\"title\":\"x\"}', { status: 401, headers: { 'Content-Type': 'application/problem+json' } })); document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("document.getElementById('refusal').textContent.includes('Your session has ended')");
        // An answer that is lost is asked for again, and the question is asked once.
        await browser.EvaluateAsync("window.fetch = async (...request) => { await window.sound(...request); throw new TypeError('lost'); }; document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("document.getElementById('refusal').textContent.includes('its answer was lost')");
        await browser.EvaluateAsync("window.fetch = window.sound; document.getElementById('outcome').dispatchEvent(new Event('change', { bubbles: true }))");
        var curl = await browser.TextAsync(Curl);
        Assert.Contains("-F 'map_file=@\"main.nii.gz\"'", curl, StringComparison.Ordinal);
        Assert.EndsWith($"  {node.Client.BaseAddress}jobs", curl, StringComparison.Ordinal);
        Assert.DoesNotContain("once", curl, StringComparison.Ordinal);
        await browser.EvaluateAsync("document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("location.pathname.startsWith('/console/jobs/') && document.querySelector('.line')");
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs");
        await browser.UntilAsync("location.pathname === '/console/jobs' && document.querySelector('footer')");
        Assert.Equal("1", await browser.TextAsync("String(document.querySelectorAll('main tbody tr').length)"));
    }

    /// <summary>What stands on the pages after a form was sent: what is wrong with it, or what became of it.</summary>
    [Fact]
    public async Task Nor_has_what_answers_a_form()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Requesters = ["somebody"] } } });
        var held = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b"), "somebody");
        await using var browser = await Chromium.StartAsync();
        var found = new List<string>();
        // Browsers would hold back what is required and empty.
        const string Send = "form.noValidate = true; form.requestSubmit(); 1";
        foreach (var (name, path, act, until) in new[]
        {
            ("ask-refused", "/ask", "document.querySelector('form[data-question] #map').required = false; document.querySelector('[data-sending]').click(); 1", "!document.getElementById('refusal').hidden"),
            ("ask-checked", "/ask", "document.querySelector('form[data-question] #map').required = false; document.querySelector('[data-checking]').click(); 1", "!document.getElementById('refusal').hidden"),
            ("review-refused", $"/reviews/{held.Id}", $"var form = document.querySelector('.stay form'); {Send}", "document.querySelector('[role=alert]')"),
            ("project-refused", "/new-project", $"var form = document.querySelector('main form'); {Send}", "document.querySelector('[role=alert]')"),
            ("model-refused", "/models", $"document.getElementById('model').open = true; var form = document.querySelector('#model form'); {Send}", "document.querySelector('[role=alert]')"),
            ("model-tried", $"/models/{ServingNode.Model}", $"document.getElementById('bundle').value = {System.Text.Json.JsonSerializer.Serialize(ApprovedProjects.Bundle)}; var form = document.querySelector('form:has(#bundle)'); {Send}", "document.getElementById('h-vd')"),
            ("model-lacking", $"/models/{ServingNode.Model}", $"document.getElementById('bundle').value = '{{\"resourceType\":\"Bundle\",\"type\":\"collection\"}}'; var form = document.querySelector('form:has(#bundle)'); {Send}", "document.getElementById('h-vd')"),
            ("model-invalid", $"/models/{ServingNode.Model}", $"document.getElementById('bundle').value = '{{\"resourceType\":\"Bundle\",\"type\":7}}'; var form = document.querySelector('form:has(#bundle)'); {Send}", "document.getElementById('h-vd')"),
            ("verified", "/ledger", $"var form = document.querySelector('form[action$=verify]'); {Send}", "document.querySelector('#audit .note')"),
            ("data-checked", "/data", $"var form = document.querySelector('form[action$=\"data/check\"]'); {Send}", "document.getElementById('h-in')?.textContent.includes('ended')"),
            ("data-ingested", "/data", $"var form = document.querySelector('form[action$=ingest]'); {Send}", "document.getElementById('h-in')?.textContent.includes('Ingest ended')"),
        })
        {
            await browser.GoAsync("about:blank");
            await browser.GoAsync($"{node.Client.BaseAddress}console{path}");
            await browser.UntilAsync("document.querySelector('footer')");
            await browser.EvaluateAsync(act);
            await browser.UntilAsync(until);
            await LookAsync(browser, name, found);
        }

        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    /// <summary>Pictures a page in both schemes and three widths, and notes what axe finds.</summary>
    internal static async Task LookAsync(Chromium browser, string name, List<string> found)
    {
        foreach (var (dark, width) in new[] { (false, 1280), (true, 1280), (false, 820), (true, 820), (true, 640) })
        {
            await PictureAsync(browser, name, dark, width);
            if ((await browser.EvaluateAsync("document.documentElement.scrollWidth > window.innerWidth"))!.GetValue<bool>())
                found.Add($"{name}, {width}: wider than the window");
            // axe takes seconds: it looks once at each scheme, at the widest window and the narrowest.
            if ((dark, width) is not ((false, 1280) or (true, 640)))
                continue;
            found.AddRange((await FindFaultsAsync(browser)).Select(fault => $"{name}, {width}, {(dark ? "dark" : "light")}: {fault}"));
        }
    }

    /// <summary>What axe finds on the page as it is shown.</summary>
    internal static async Task<IReadOnlyList<string>> FindFaultsAsync(Chromium browser)
    {
        await browser.EvaluateAsync($"if (!window.axe) {{ {new BundledAxeScriptProvider().GetScript()} }} 1");
        // A colour on its way from one scheme to the other is neither.
        var report = await browser.TextAsync("Promise.allSettled(document.getAnimations().map(one => one.finished)).then(() => axe.run()).then(report => JSON.stringify(report.violations.map(v => `${v.impact} ${v.id}: ${v.nodes.map(n => n.html).join(' | ')}`)))");
        return [.. JsonNode.Parse(report)!.AsArray().Select(fault => fault!.GetValue<string>())];
    }

    /// <summary>Presses the tab key until the page is through, and notes what it passes over and where no focus is seen.</summary>
    private static async Task TabThroughAsync(Chromium browser, string name, List<string> found)
    {
        var stops = (await browser.EvaluateAsync("""
            window.stops = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
              .filter(one => !one.disabled && one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }));
            window.seen = new Set(); window.dim = new Set();
            document.addEventListener("focusin", event => {
              seen.add(event.target);
              const ring = getComputedStyle(event.target);
              if (event.target.closest("main, header, nav") && ring.outlineStyle === "none" && !event.target.matches("main")) dim.add(event.target);
            });
            document.activeElement?.blur();
            stops.length
            """))!.GetValue<int>();
        for (var press = 0; press < stops + 10; press++)
        {
            foreach (var kind in new[] { "keyDown", "keyUp" })
                await browser.CallAsync("Input.dispatchKeyEvent", new() { ["type"] = kind, ["key"] = "Tab", ["code"] = "Tab", ["windowsVirtualKeyCode"] = 9 });
        }

        // Of a group of radio buttons one is a stop, and arrow keys reach the others.
        var missed = await browser.TextAsync("""
            JSON.stringify([...stops.filter(one => !seen.has(one) && !(one.type === "radio" && [...seen].some(other => other.name === one.name))).map(one => `not reached: ${one.outerHTML.slice(0, 120)}`),
              ...[...dim].map(one => `no ring: ${one.outerHTML.slice(0, 120)}`)])
            """);
        found.AddRange(JsonNode.Parse(missed)!.AsArray().Select(fault => $"{name}, by keyboard: {fault}"));
    }

    internal static async Task PictureAsync(Chromium browser, string name, bool dark, int width)
    {
        if (Environment.GetEnvironmentVariable("LAZARET_PAGES") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}-{width}-{(dark ? "dark" : "light")}.png"), await browser.PictureAsync(dark, width), Stop);
        else
            await browser.ShowAsync(dark, width);
    }
}
