using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>The console's forms: they do what the commands do, and the audit names who did it.</summary>
public sealed partial class FormTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_adds_a_person_and_a_program_and_what_lets_them_in_is_shown_this_once()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        using var added = await SendAsync(node, "/console/people", olga, ("name", "sam"), ("role", "steward"));
        Assert.Equal((HttpStatusCode.OK, "no-store"), (added.StatusCode, added.Headers.CacheControl!.ToString()));
        var link = SecretOf(await added.Content.ReadAsStringAsync(Stop));
        Assert.StartsWith($"{node.Client.BaseAddress}sign-in/setup#", link, StringComparison.Ordinal);
        using var sam = new PersonBrowser(node);
        await sam.SetUpAsync(link.Split('#')[1]);

        // A name that is typed twice takes nothing from whoever has it.
        using var again = await SendAsync(node, "/console/people", olga, ("name", "sam"), ("role", "operator"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
        Assert.Contains("is registered already", await ReadAsync(again), StringComparison.Ordinal);
        Assert.Equal("sam", (await sam.WhoAmIAsync())!.Value.GetProperty("name").GetString());

        using var program = await SendAsync(node, "/console/keys", olga, ("name", "bot"), ("role", "requester"), ("expires", "P90D"));
        var key = SecretOf(await program.Content.ReadAsStringAsync(Stop));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, "/catalog/variables", key));
        using var list = await node.Client.SendAsync(HttpMethod.Get, "/console/people", olga);
        var page = await list.Content.ReadAsStringAsync(Stop);
        Assert.DoesNotContain(link.Split('#')[1], page, StringComparison.Ordinal);
        Assert.DoesNotContain(key, page, StringComparison.Ordinal);
        Assert.Equal(["person_added sam olga", "requester_added bot olga"], await ActsAsync(node, "olga"));
    }

    [Fact]
    public async Task An_operator_ends_the_sessions_of_an_account_who_can_sign_in_again()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        using var sam = new PersonBrowser(node);
        await sam.SetUpAsync(await node.InviteAsync("sam"));
        Assert.NotNull(await sam.WhoAmIAsync());
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, "/console/people/sessions", olga, ("name", "sam")));
        Assert.Null(await sam.WhoAmIAsync());
        Assert.False(await node.Services.GetRequiredService<RequesterDirectory>().IsRevokedAsync("sam", Stop));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(node, "/console/people/sessions", olga, ("name", "sam")));
    }

    [Fact]
    public async Task A_key_is_made_anew_and_ended_and_a_persons_link_and_access_likewise()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        var (olga, old) = (await node.RegisterAsync("olga", Roles.Operator), await node.RegisterAsync("bot", Roles.Requester));
        using var rotated = await SendAsync(node, "/console/keys/rotate", olga, ("name", "bot"), ("overlap", "PT0S"), ("expires", ""));
        var key = SecretOf(await rotated.Content.ReadAsStringAsync(Stop));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(node, "/catalog/variables", old), await StatusAsync(node, "/catalog/variables", key)));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, "/console/keys/revoke", olga, ("name", "bot")));
        Assert.True(await node.Services.GetRequiredService<RequesterDirectory>().IsRevokedAsync("bot", Stop));

        using var sam = new PersonBrowser(node);
        await sam.SetUpAsync(await node.InviteAsync("sam"));
        using var reset = await SendAsync(node, "/console/people/link", olga, ("name", "sam"));
        Assert.Contains("/sign-in/setup#", SecretOf(await reset.Content.ReadAsStringAsync(Stop)), StringComparison.Ordinal);
        Assert.Null(await sam.WhoAmIAsync());
        // Whoever looked for somebody comes back to what was found.
        const string Found = "?find=SA&people=0";
        Assert.Contains($"action=\"/console/people/revoke{WebUtility.HtmlEncode(Found)}\"", await (await node.SendAsync(HttpMethod.Get, $"/console/people{Found}", olga)).Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        using var revoked = await SendAsync(node, $"/console/people/revoke{Found}", olga, ("name", "sam"));
        Assert.Equal((HttpStatusCode.SeeOther, $"/console/people{Found}"), (revoked.StatusCode, revoked.Headers.Location?.OriginalString));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(node, "/console/people/revoke", olga, ("name", "sam")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(node, "/console/people/sessions", olga, ("name", "oidc/nobody")));
        Assert.Equal(["requester_credential_added bot olga", "requester_revoked bot olga", "person_reset sam olga", "requester_revoked sam olga"], await ActsAsync(node, "olga"));
    }

    [Fact]
    public async Task Where_nobody_says_who_they_are_nobody_gives_names_to_others()
    {
        await using var node = await ServingNode.StartAsync();
        foreach (var path in new[] { "/console/people", "/console/keys" })
        {
            using var refused = await SendAsync(node, path, null, ("name", "eve"), ("role", "operator"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains("use the commands", await ReadAsync(refused), StringComparison.Ordinal);
        }

        Assert.Empty(await node.Services.GetRequiredService<RequesterDirectory>().ListAsync(Stop));
    }

    [Fact]
    public async Task A_form_that_another_sites_page_sends_with_an_operators_session_does_nothing()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var olga = new PersonBrowser(node);
        await olga.SetUpAsync(await node.InviteAsync("olga", Roles.Operator));
        foreach (var (site, status) in new[] { ("cross-site", HttpStatusCode.Unauthorized), ("same-site", HttpStatusCode.Unauthorized), ("same-origin", HttpStatusCode.OK) })
        {
            Assert.DoesNotContain(await node.Services.GetRequiredService<RequesterDirectory>().ListAsync(Stop), pair => pair.Requester.Name == "eve");
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("name", "eve"), KeyValuePair.Create("role", "operator")]);
            Assert.Equal(status, (await olga.SendAsync(HttpMethod.Post, "/console/keys", form, site)).Status);
        }
    }

    [Fact]
    public async Task Mistakes_stand_at_their_fields_and_what_was_typed_is_kept()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var sam = await node.RegisterAsync("sam", Roles.Steward);
        using var refused = await SendAsync(
            node, "/console/new-project", sam, ("key", "a/b"), ("title", "<b>Tremor</b>"), ("members", "nobody"), ("outcomes", "mood"), ("outcomes", "UPDRS_change"), ("minimum-cohort", "2"), ("quota", "few"), ("until", "soon"));
        var page = await refused.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        foreach (var field in new[] { "project-key-f", "project-members-f", "project-minimum-cohort-f", "project-quota-f", "project-until-f" })
            Assert.Contains($"id=\"{field}\"", page, StringComparison.Ordinal);
        Assert.Contains("is no outcome of the data view", page, StringComparison.Ordinal);
        // The summary calls the fields what the page calls them.
        Assert.Contains("#project-quota\">Jobs in seven days must be a whole number</a>", page, StringComparison.Ordinal);
        Assert.Contains("#project-minimum-cohort\">Smallest cohort", page, StringComparison.Ordinal);
        Assert.Contains("value=\"&lt;b&gt;Tremor&lt;/b&gt;\"", page, StringComparison.Ordinal);
        Assert.Matches("name=\"outcomes\" value=\"UPDRS_change\" checked", page);
        Assert.Empty(await node.Services.GetRequiredService<ProjectDirectory>().AllAsync(Stop));
    }

    [Fact]
    public async Task A_steward_approves_a_study_changes_its_members_and_closes_it()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var sam = await node.RegisterAsync("sam", Roles.Steward);
        await node.RegisterAsync("ada", Roles.Requester);
        await node.RegisterAsync("bea", Roles.Requester);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, "/console/new-project", sam, ("key", "tremor"), ("title", "Tremor"), ("purpose", "As voted."), ("members", "ada"), ("outcomes", "UPDRS_change"), ("minimum-cohort", ""), ("quota", "9"), ("until", "")));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, "/console/projects/tremor/members", sam, ("add", "bea")));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, "/console/projects/tremor/members", sam, ("remove", "ada")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(node, "/console/projects/tremor/members", sam, ("add", "nobody")));
        var project = (await node.Services.GetRequiredService<ProjectDirectory>().FindAsync("tremor", Stop))!;
        Assert.Equal("bea UPDRS_change 9", $"{string.Join(',', project.Members)} {string.Join(',', project.Outcomes)} {project.Quota}");
        using var shown = await node.SendAsync(HttpMethod.Get, "/console/projects/tremor", sam);
        Assert.Contains("As voted.", await ReadAsync(shown), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, "/console/projects/tremor/close", sam));
        Assert.Equal(["project_added tremor sam", "project_members_changed tremor sam", "project_members_changed tremor sam", "project_closed tremor sam"], await ActsAsync(node, "sam"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, "/console/projects/none", sam));
    }

    [Fact]
    public async Task An_operator_makes_a_webhook_secret_and_turns_an_endpoint_off_and_on()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        using var made = await SendAsync(node, "/console/webhooks/secret", olga, ("requester", "bot"), ("overlap-hours", "24"));
        Assert.StartsWith("whsec_", SecretOf(await made.Content.ReadAsStringAsync(Stop)), StringComparison.Ordinal);
        Assert.Single(await node.Services.GetRequiredService<WebhookSecrets>().ListAsync("bot", Stop));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(node, "/console/webhooks/secret", olga, ("requester", "bot"), ("overlap-hours", "721")));

        var endpoints = node.Services.GetRequiredService<WebhookEndpoints>();
        var endpoint = await endpoints.FindOrAddAsync("bot", new Uri("https://bot.example/hook?token=secret"), Stop);
        foreach (var isOn in new[] { false, true })
        {
            Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, "/console/webhooks/endpoint", olga, ("id", $"{endpoint.Id}"), ("enabled", $"{isOn}")));
            Assert.Equal(isOn, Assert.Single(await endpoints.ListAsync(Stop)).DisabledAt is null);
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(node, "/console/webhooks/redeliver", olga, ("id", $"{Guid.NewGuid()}")));
        using var page = await node.SendAsync(HttpMethod.Get, "/console/webhooks", olga);
        var text = await page.Content.ReadAsStringAsync(Stop);
        Assert.Contains("bot.example", text, StringComparison.Ordinal);
        Assert.DoesNotContain("token=secret", text, StringComparison.Ordinal);
        Assert.Equal(["webhook_secret_rotated bot olga", "webhook_endpoint_changed bot.example olga", "webhook_endpoint_changed bot.example olga"], await ActsAsync(node, "olga"));
    }

    [Fact]
    public async Task A_model_has_a_sheet_and_an_operator_removes_it()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (olga, ada) = (await node.RegisterAsync("olga", Roles.Operator), await node.RegisterAsync("ada", Roles.Requester));
        var model = Assert.Single(await node.Services.GetRequiredService<ModelRegistry>().ListAsync(Stop));
        var path = $"/console/models/{ServingNode.Model}";
        using var sheet = await node.SendAsync(HttpMethod.Get, path, ada);
        var page = await ReadAsync(sheet);
        foreach (var part in new[] { model.Row.Digest, model.Row.Content, "LOINC", "8310-5", "one of POSITIVE, NEGATIVE" })
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("/remove", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(node, $"{path}/remove", ada, ("version", model.Row.Version)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync(node, $"{path}/remove", olga, ("version", "9.9.9")));
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(node, $"{path}/remove", olga, ("version", model.Row.Version)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, path, ada));
        Assert.Equal([$"model_removed {model.Name} olga"], await ActsAsync(node, "olga"));
    }

    private static async Task<HttpStatusCode> PostAsync(ServingNode node, string path, string? key, params (string Name, string Value)[] fields)
    {
        using var answer = await SendAsync(node, path, key, fields);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(ServingNode node, string path, string? key, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await node.SendAsync(HttpMethod.Post, path, key, form);
    }

    private static async Task<HttpStatusCode> StatusAsync(ServingNode node, string path, string key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, key);
        return answer.StatusCode;
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer) => WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop));

    /// <summary>What somebody did, as the audit has it: act, on what, who.</summary>
    private static async Task<IReadOnlyList<string>> ActsAsync(ServingNode node, string actor) =>
    [
        .. from entry in await node.AuditAsync()
           where entry.Actor == actor && entry.Action is not (AuditAction.Authenticated or AuditAction.AccessRefused)
           let detail = JsonNode.Parse(entry.Detail)!
           select $"{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(entry.Action.ToString())} {detail["person"] ?? detail["requester"] ?? detail["project"] ?? detail["model"] ?? detail["host"]} {entry.Actor}",
    ];

    private static string SecretOf(string page) => WebUtility.HtmlDecode(Secret().Match(page) is { Success: true } found ? found.Groups["secret"].Value : throw new InvalidOperationException(page));

    [GeneratedRegex("""<pre id="secret" data-secret>(?<secret>[^<]+)</pre>""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();
}
