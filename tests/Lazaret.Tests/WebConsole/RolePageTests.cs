using System.Net;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Projects;
using Lazaret.Tests.Releases;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>In a real browser, the pages by which people come in, and those that differ by who reads them. With <c>LAZARET_PAGES</c> set to a folder each is pictured there.</summary>
public sealed class RolePageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_hinders_anybody_from_the_sign_in_to_the_home_of_each_role()
    {
        using var folder = new TemporaryFolder();
        var view = folder.Copy(TinySite.Folder, "view");
        await using var node = await ServingNode.StartAsync(options => Accounts.Have(options) with
        {
            Data = new DataOptions { View = view },
            Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Requesters = ["somebody"] } },
        });
        await using var browser = await Chromium.StartAsync();
        var site = node.Client.BaseAddress!;
        var found = new List<string>();

        foreach (var (name, path) in new[] { ("welcome", ""), ("sign-in", "sign-in"), ("setup-without-link", "sign-in/setup") })
        {
            await browser.GoAsync("about:blank");
            await browser.GoAsync($"{site}{path}");
            await browser.UntilAsync("document.querySelector('main h1, h1')");
            await PageTests.LookAsync(browser, name, found);
        }

        await browser.EvaluateAsync("location.assign('/sign-in'); 1");
        await browser.UntilAsync("document.querySelector('form [name=password]')");
        await browser.EvaluateAsync("document.querySelector('[name=name]').value = 'olga'; document.querySelector('[name=password]').value = 'wrong'; document.querySelector('[name=code]').value = '000000'; var form = document.querySelector('form:has([name=password])'); form.requestSubmit(); 1");
        await browser.UntilAsync("document.getElementById('fault')?.hidden === false");
        Assert.Equal("olga ", await browser.TextAsync("`${document.querySelector('[name=name]').value} ${document.querySelector('[name=password]').value}`"));
        await PageTests.LookAsync(browser, "sign-in-refused", found);

        // The link's secret goes from the address into the form by itself.
        var link = await node.InviteAsync("sofia", Roles.Steward);
        await browser.GoAsync("about:blank");
        await browser.GoAsync($"{site}sign-in/setup#{link}");
        await browser.UntilAsync("document.querySelector('code.secret')");
        await PageTests.LookAsync(browser, "setup", found);

        await FillAsync(node, view);
        foreach (var (name, role) in new[] { ("rita", Roles.Requester), ("sam", Roles.Steward), ("ada", Roles.Auditor), ("olga", Roles.Operator) })
        {
            using var person = new PersonBrowser(node);
            await person.SetUpAsync(await node.InviteAsync(name, role));
            foreach (var (page, path) in new[] { ("home", "console"), ("data", "console/data"), ("jobs", "console/jobs") })
            {
                await WalkTests.OpenAsync(browser, site, path, person.Session);
                await PageTests.LookAsync(browser, $"{role}-{page}".ToLowerInvariant(), found);
            }
        }

        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    [Fact]
    public async Task Nor_from_a_diagnosis_that_ended_waits_or_failed()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await Chromium.StartAsync();
        var found = new List<string>();
        var queue = node.Services.GetRequiredService<JobQueue>();
        foreach (var (name, report) in new (string, RunReport?)[]
        {
            ("diagnosis", new RunReport.Released("""{"diagnosis":"POSITIVE"}"""u8.ToArray(), new AuditDetail())),
            ("diagnosis-failed", new RunReport.Failed(RunEnd.TimedOut, "the model ran longer than it may")),
            ("diagnosis-waits", null),
        })
        {
            using var admitted = await node.SendAsync(HttpMethod.Post, "/v1/diagnose", null, ApprovedProjects.BodyFor("/v1/diagnose", ApprovedProjects.Bundle));
            Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
            var id = Guid.Parse(admitted.Headers.Location!.ToString().Split('/')[^1]);
            if (report is not null)
                Assert.NotNull(await queue.ConcludeAsync((await queue.ClaimAsync("process", Unrunnable.None, id, Stop))!, report, Stop));
            await WalkTests.OpenAsync(browser, node.Client.BaseAddress!, $"console/jobs/{id}", session: null);
            await PageTests.LookAsync(browser, name, found);
        }

        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    /// <summary>Work for every role: a held release, a failed job, a volume that cannot be used.</summary>
    private static async Task FillAsync(ServingNode node, string view)
    {
        await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), "rita");
        await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b"), "somebody");
        var failed = await DecidedJobs.AdmitAsync(node.Services, "rita", "c");
        var queue = node.Services.GetRequiredService<JobQueue>();
        await queue.ConcludeAsync((await queue.ClaimAsync("process", Unrunnable.None, failed.Id, Stop))!, new RunReport.Failed(RunEnd.Exited, "the analysis gave no answer") { Log = "no module numpy" }, Stop);

        var volume = Path.Combine(view, "conn", "sub-0003.nii.gz");
        await File.WriteAllBytesAsync(volume, (await File.ReadAllBytesAsync(volume, Stop))[..200], Stop);
        await StewardDataTests.IngestAsync(node, await node.RegisterAsync("by-key", Roles.Steward));
    }
}
