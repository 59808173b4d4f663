using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Projects;

/// <summary>Which project a request belongs to.</summary>
public sealed class ProjectChoiceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_only_open_project_of_a_requester_is_that_of_their_jobs()
    {
        await using var node = await ServingNode.StartAsync(options => ApprovedProjects.KnowIssuer(RegisteredKeys.AskForKeys(options)));
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"] });
        await node.ApproveAsync(new Approval("other", "Somebody else's") { Members = ["iss/subject"] });

        using var admitted = await node.AskCohortAsync(key);
        Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        using var shown = await node.AskAsync(HttpMethod.Get, admitted.Headers.Location!.ToString(), key);
        Assert.Equal("study", (string?)(await JsonAsync(shown))["project"]);

        using var diagnosed = await node.AskAsync(HttpMethod.Post, "/v1/diagnose", key, ApprovedProjects.BodyFor("/v1/diagnose", ApprovedProjects.Bundle));
        Assert.Equal(HttpStatusCode.Accepted, diagnosed.StatusCode);
        using var diagnosis = await node.AskAsync(HttpMethod.Get, diagnosed.Headers.Location!.ToString(), key);
        Assert.Equal("study", (string?)(await JsonAsync(diagnosis))["project"]);

        await using var db = await OpenAsync(node);
        Assert.Equal(["study", "study"], await db.Jobs.Select(job => job.Project).ToListAsync(Stop));
        Assert.All(await db.Audit.Where(entry => entry.Action == AuditAction.JobAdmitted).ToListAsync(Stop), entry => Assert.Contains("\"project\":\"study\"", entry.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_member_of_several_must_name_one_and_is_told_their_keys()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        foreach (var name in new[] { "one", "two" })
            await node.ApproveAsync(new Approval(name, "A study") { Members = ["anna"] });

        using var unclear = await node.AskCohortAsync(key);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unclear.StatusCode);
        var fault = (await JsonAsync(unclear))["errors"]!.AsArray().Single()!;
        Assert.Equal(ApprovedProjects.Header, (string?)fault["field"]);
        Assert.Equal(["one", "two"], fault["allowed"]!.AsArray().Select(one => (string)one!));

        using var named = await node.AskCohortAsync(key, "two");
        Assert.Equal(HttpStatusCode.Accepted, named.StatusCode);
        using var shown = await node.AskAsync(HttpMethod.Get, named.Headers.Location!.ToString(), key);
        Assert.Equal("two", (string?)(await JsonAsync(shown))["project"]);
    }

    [Fact]
    public async Task Nobody_learns_which_projects_exist()
    {
        await using var node = await ServingNode.StartAsync(options => ApprovedProjects.KnowIssuer(RegisteredKeys.AskForKeys(options)));
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("secret", "Not hers") { Members = ["iss/subject"] });
        await node.ApproveAsync(new Approval("ended", "Not hers") { Members = ["iss/subject"] });
        await node.Services.GetRequiredService<ProjectDirectory>().CloseAsync("ended", AuditEntry.Operator, Stop);

        string? expected = null;
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/jobs"), (HttpMethod.Post, "/v1/diagnose"), (HttpMethod.Get, "/catalog/variables") })
        {
            foreach (var name in new[] { "secret", "ended", "none", new string('x', 5000), "secret, none", "%", "Secret" })
            {
                using var answer = await node.AskAsync(method, path, key, null, (ApprovedProjects.Header, name));
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
                var body = await ApprovedProjects.ReadAsync(answer);
                Assert.Equal(expected ??= body, body);
            }

            using var twice = await node.AskAsync(method, path, key, null, (ApprovedProjects.Header, "secret"), (ApprovedProjects.Header, "none"));
            Assert.Equal(HttpStatusCode.Forbidden, twice.StatusCode);
        }

        Assert.DoesNotContain("secret", expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_project_a_requester_may_ask_unless_the_site_requires_one()
    {
        await using (var free = await ServingNode.StartAsync(RegisteredKeys.AskForKeys))
        {
            using var admitted = await free.AskCohortAsync(await free.RegisterAsync("anna", Roles.Requester));
            Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        }

        await using var strict = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Projects = new ProjectOptions { Required = true } });
        using var refused = await strict.AskCohortAsync(await strict.RegisterAsync("anna", Roles.Requester));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("only within a project", (string?)(await JsonAsync(refused))["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_project_says_so_to_its_members_and_opens_nothing()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        await using var other = await node.BesideAsync();
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"] });
        using (var before = await other.AskCohortAsync(key))
            Assert.Equal(HttpStatusCode.Accepted, before.StatusCode);

        await node.Services.GetRequiredService<ProjectDirectory>().CloseAsync("study", AuditEntry.Operator, Stop);
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        foreach (var (process, name) in new[] { (node, "study"), (other, "study"), (node, null), (other, null) })
        {
            using var answer = await process.AskCohortAsync(key, name);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("study was closed on", (string?)(await JsonAsync(answer))["detail"], StringComparison.Ordinal);
        }

        // What was admitted is theirs, and still waits for its run.
        await using var db = await OpenAsync(node);
        Assert.Equal(JobState.Queued, (await db.Jobs.SingleAsync(Stop)).State);
    }

    [Fact]
    public async Task Who_is_taken_out_of_a_project_is_no_member_within_a_second()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        await using var other = await node.BesideAsync();
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"] });
        using (var before = await other.AskCohortAsync(key, "study"))
            Assert.Equal(HttpStatusCode.Accepted, before.StatusCode);

        await node.Services.GetRequiredService<ProjectDirectory>().ChangeMembersAsync("study", [], ["anna"], AuditEntry.Operator, Stop);
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        using var after = await other.AskCohortAsync(key, "study");
        Assert.Equal(HttpStatusCode.Forbidden, after.StatusCode);
        // Nor may they ask without one now, until another project takes them.
        using var outside = await other.AskCohortAsync(key);
        Assert.Equal(HttpStatusCode.Forbidden, outside.StatusCode);
        Assert.Contains("taken out of a project", (string?)(await JsonAsync(outside))["detail"], StringComparison.Ordinal);
        await node.ApproveAsync(new Approval("next", "Another") { Members = ["anna"] });
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        using var again = await other.AskCohortAsync(key);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Fact]
    public async Task The_last_day_counts_and_ends_at_midnight_utc()
    {
        await using var node = await TestNode.StartAsync(ApprovedProjects.KnowIssuer(new NodeOptions()));
        node.Time.SetUtcNow(new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero));
        await node.Get<ProjectDirectory>().AddAsync(new Approval("study", "A study") { Members = ["iss/anna"], Until = new DateOnly(2026, 6, 30) }, [], AuditEntry.Operator, Stop);

        node.Time.SetUtcNow(new DateTimeOffset(2026, 6, 30, 23, 59, 59, TimeSpan.Zero));
        Assert.Equal("study", Assert.IsType<ProjectChoice.Chosen>(await ChooseAsync()).Project!.Key);
        node.Time.SetUtcNow(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        var refusal = Assert.IsType<ProjectChoice.Refused>(await ChooseAsync()).Refusal;
        Assert.Contains("ended on 2026-06-30", refusal.Faults.Single().Message, StringComparison.Ordinal);

        Task<ProjectChoice> ChooseAsync() => node.Get<ProjectGate>().ChooseAsync(new DefaultHttpContext().Request, new Requester("iss/anna", Roles.Requester), Stop);
    }

    [Fact]
    public async Task Without_authentication_the_header_names_any_open_project_and_none_is_chosen_without_it()
    {
        await using var node = await ServingNode.StartAsync();
        await node.ApproveAsync(new Approval("study", "A study") { Outcomes = ["UPDRS_change"] });
        using var free = await node.AskCohortAsync(null);
        using var inside = await node.AskCohortAsync(null, "study");
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (free.StatusCode, inside.StatusCode));
        using var shown = await node.AskAsync(HttpMethod.Get, inside.Headers.Location!.ToString(), null);
        Assert.Equal("study", (string?)(await JsonAsync(shown))["project"]);
        using var unlimited = await node.AskAsync(HttpMethod.Get, free.Headers.Location!.ToString(), null);
        Assert.Null((await JsonAsync(unlimited))["project"]);
    }

    [Fact]
    public async Task A_refusal_is_audited_with_the_project_if_there_is_one_and_never_with_a_made_up_name()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("secret", "Not hers"));
        using (await node.AskCohortAsync(key, "secret"))
        using (await node.AskCohortAsync(key, "made-up"))
        {
        }

        await using var db = await OpenAsync(node);
        var refused = await db.Audit.Where(entry => entry.Action == AuditAction.AccessRefused && entry.Actor == "anna").OrderBy(entry => entry.Sequence).Select(entry => entry.Detail).ToListAsync(Stop);
        Assert.Equal(2, refused.Count);
        Assert.Contains("not_a_member", refused[0], StringComparison.Ordinal);
        Assert.Contains("\"project\":\"secret\"", refused[0], StringComparison.Ordinal);
        Assert.DoesNotContain("made-up", refused[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_change_of_a_project_is_audited()
    {
        await using var node = await TestNode.StartAsync(ApprovedProjects.KnowIssuer(new NodeOptions()));
        var directory = node.Get<ProjectDirectory>();
        await directory.AddAsync(new Approval("study", "A study") { Purpose = "Ethics vote 12/2026", Members = ["iss/anna"] }, [], AuditEntry.Operator, Stop);
        Assert.Equal(["iss/bert"], await directory.ChangeMembersAsync("study", ["iss/bert"], ["iss/anna"], AuditEntry.Operator, Stop));
        await directory.CloseAsync("study", AuditEntry.Operator, Stop);
        await using var db = node.Open();
        var entries = await db.Audit.Where(entry => entry.Actor == AuditEntry.Operator).OrderBy(entry => entry.Sequence).ToListAsync(Stop);
        Assert.Equal([AuditAction.ProjectAdded, AuditAction.ProjectMembersChanged, AuditAction.ProjectClosed], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Contains("\"project\":\"study\"", entry.Detail, StringComparison.Ordinal));
        Assert.Contains("\"purpose\":\"Ethics vote 12/2026\"", entries[0].Detail, StringComparison.Ordinal);

        // Nothing changes once it is closed, and its key is not used again.
        await Assert.ThrowsAsync<InputException>(() => directory.CloseAsync("study", AuditEntry.Operator, Stop));
        await Assert.ThrowsAsync<InputException>(() => directory.ChangeMembersAsync("study", ["iss/carl"], [], AuditEntry.Operator, Stop));
        await Assert.ThrowsAsync<InputException>(() => directory.AddAsync(new Approval("study", "Again"), [], AuditEntry.Operator, Stop));
        Assert.Equal(3, await db.Audit.CountAsync(entry => entry.Actor == AuditEntry.Operator, Stop));
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_an_approval_is_said_at_once()
    {
        await using var node = await TestNode.StartAsync(ApprovedProjects.KnowIssuer(new NodeOptions()));
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<ProjectDirectory>().AddAsync(
            new Approval("a/b", "two\nlines") { Members = ["nobody", "iss/anna", "isss/anna", "iss/"], Quota = -1, Until = new DateOnly(2020, 1, 1) }, [new InputFault("tasks", "…")], AuditEntry.Operator, Stop));
        foreach (var part in new[] { "'a/b'", "--title", "'nobody'", "--quota", "--until", "--tasks", "'isss/anna' is of no issuer", "'iss/' is of no issuer", "ISSUER may be iss" })
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'iss/anna'", refusal.Message, StringComparison.Ordinal);

        await node.Get<ProjectDirectory>().AddAsync(new Approval("any", "A study"), [], AuditEntry.Operator, Stop);
        var change = await Assert.ThrowsAsync<InputException>(() => node.Get<ProjectDirectory>().ChangeMembersAsync("any", ["iss/anna", "oidc/anna"], [], AuditEntry.Operator, Stop));
        Assert.Contains("--add: 'oidc/anna' is of no issuer", Assert.Single(change.Message.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_may_name_the_project_in_place_of_the_header_but_not_another_one()
    {
        await using var node = await ServingNode.StartAsync(options => ApprovedProjects.KnowIssuer(RegisteredKeys.AskForKeys(options)));
        var key = await node.RegisterAsync("anna", Roles.Requester);
        foreach (var name in new[] { "one", "two" })
            await node.ApproveAsync(new Approval(name, "A study") { Members = ["anna"] });
        await node.ApproveAsync(new Approval("secret", "Not hers") { Members = ["iss/subject"] });
        foreach (var (header, field, expected) in new[]
        {
            (null, "two", HttpStatusCode.Accepted), ("two", "two", HttpStatusCode.Accepted), ("one", "two", HttpStatusCode.UnprocessableEntity), ("one", null, HttpStatusCode.Accepted),
            (null, null, HttpStatusCode.UnprocessableEntity), (null, "secret", HttpStatusCode.Forbidden), (null, "none", HttpStatusCode.Forbidden), ("secret", "two", HttpStatusCode.Forbidden),
        })
        {
            using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"), ("project", field));
            using var answer = await node.AskAsync(HttpMethod.Post, "/jobs", key, form, ApprovedProjects.Named(header));
            Assert.True(expected == answer.StatusCode, $"{header}, {field}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
            if (expected != HttpStatusCode.Accepted)
                continue;
            using var shown = await node.AskAsync(HttpMethod.Get, answer.Headers.Location!.ToString(), key);
            Assert.Equal(header ?? field, (string?)(await JsonAsync(shown))["project"]);
        }
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;

    private static Task<LazaretDb> OpenAsync(ServingNode node) => node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
}
