using System.Net;
using System.Text.RegularExpressions;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Tests.Http;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Identity.People;

public sealed partial class PasswordTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_sets_up_password_and_code_by_their_link_and_signs_in_with_both()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var first = new PersonBrowser(node);
        var secret = await first.SetUpAsync(await node.InviteAsync("ada"));
        Assert.Equal("ada", (await first.WhoAmIAsync())!.Value.GetProperty("name").GetString());

        using var second = new PersonBrowser(node);
        Assert.Null(await second.WhoAmIAsync());
        var (status, _, answer) = await second.SignInAsync("ADA", Accounts.Password, Accounts.CodeOf(secret, 1));
        Assert.Equal((HttpStatusCode.SeeOther, "/sign-in"), (status, answer.Headers.Location!.ToString()));
        var who = (await second.WhoAmIAsync())!.Value;
        Assert.Equal(("ada", "accounts", "steward", 900), (who.GetProperty("name").GetString(), who.GetProperty("mode").GetString(), who.GetProperty("roles")[0].GetString(), who.GetProperty("idle_seconds").GetInt32()));
        // Where one lands says who one is, and leads on.
        var landed = await second.GetAsync("/sign-in");
        Assert.Contains("<strong>ada</strong>", landed, StringComparison.Ordinal);
        Assert.Contains("href=\"/console\"", landed, StringComparison.Ordinal);
        Assert.Contains("action=\"/sign-out\"", landed, StringComparison.Ordinal);

        var entries = await node.AuditAsync();
        Assert.Equal(2, entries.Count(entry => entry is { Action: AuditAction.SignedIn, Actor: "ada" }));
        Assert.Single(entries, entry => entry is { Action: AuditAction.PersonLinkUsed, Actor: "ada" });
        Assert.Single(entries, entry => entry.Action == AuditAction.PersonAdded && entry.Actor == AuditEntry.Operator);
        // The authenticator's secret is nowhere in clear.
        await node.ChangeAsync(async db => Assert.DoesNotContain(secret, System.Text.Encoding.ASCII.GetString((await db.Set<AuthenticatorKey>().SingleAsync(Stop)).Content), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_wrong_is_neither_said_nor_shown_by_time()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var secret = await browser.SetUpAsync(await node.InviteAsync("ada"));
        await node.InviteAsync("not-set-up");

        using var stranger = new PersonBrowser(node);
        var answers = new List<string>();
        foreach (var (name, password, code) in new[]
        {
            ("ada", "wrong password", Accounts.CodeOf(secret)), ("ada", Accounts.Password, "000000"), ("ada", Accounts.Password, ""), ("nobody", Accounts.Password, "000000"),
            ("not-set-up", "", ""), ("", "", ""), (new string('x', 5000), new string('x', 5000), "1"),
        })
        {
            var began = TimeProvider.System.GetTimestamp();
            var (status, page, _) = await stranger.SignInAsync(name, password, code);
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(490), $"{name}: answered sooner than others");
            // The name stands in its field again, as it was typed.
            answers.Add(Token().Replace(page, "").Replace($" value=\"{name}\"", " value=\"\"", StringComparison.Ordinal));
            Assert.Null(stranger.Session);
        }

        Assert.Single(answers.Distinct());
        var refusals = (await node.AuditAsync()).Where(entry => entry.Action == AuditAction.AuthenticationRefused).ToList();
        Assert.Equal(7, refusals.Count);
        Assert.All(refusals, entry => Assert.DoesNotContain("wrong password\"", entry.Detail, StringComparison.Ordinal));
        Assert.DoesNotContain(refusals, entry => entry.Detail.Contains("nobody", StringComparison.Ordinal) || entry.Detail.Contains("xxx", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_code_lets_in_once()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var secret = await browser.SetUpAsync(await node.InviteAsync("ada"));
        var used = 0L;
        await node.ChangeAsync(async db => used = await db.Set<Person>().Select(person => person.AcceptedStep).SingleAsync(Stop));
        var (code, next) = (Accounts.CodeAt(secret, used), Accounts.CodeAt(secret, used + 1));
        foreach (var (shown, expected) in new[] { (code, HttpStatusCode.Forbidden), (next, HttpStatusCode.SeeOther), (code, HttpStatusCode.Forbidden), (next, HttpStatusCode.Forbidden) })
        {
            using var again = new PersonBrowser(node);
            Assert.Equal(expected, (await again.SignInAsync("ada", Accounts.Password, shown)).Status);
        }
    }

    [Fact]
    public async Task A_code_older_than_the_last_that_was_accepted_lets_nobody_in()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var secret = await browser.SetUpAsync(await node.InviteAsync("ada"));
        foreach (var (accepted, expected) in new[] { (long.MaxValue, HttpStatusCode.Forbidden), (0, HttpStatusCode.SeeOther) })
        {
            await node.ChangeAsync(db => db.Set<Person>().ExecuteUpdateAsync(set => set.SetProperty(p => p.AcceptedStep, accepted), Stop));
            using var again = new PersonBrowser(node);
            Assert.Equal(expected, (await again.SignInAsync("ada", Accounts.Password, Accounts.CodeOf(secret))).Status);
        }
    }

    [Fact]
    public async Task After_five_failures_an_account_rests_whichever_process_counted_them()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var other = await node.BesideAsync();
        using var browser = new PersonBrowser(node);
        var secret = await browser.SetUpAsync(await node.InviteAsync("ada"));

        using var guesser = new PersonBrowser(other);
        var page = PersonBrowser.Hidden(await guesser.GetAsync("/sign-in"));
        // All at once: a count that is read and then written would lose some.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => guesser.PostAsync("/sign-in", page, ("name", "ada"), ("password", $"guess {i}"), ("code", "123456"))));
        await node.ChangeAsync(async db => Assert.Equal(5, (await db.Set<Person>().SingleAsync(Stop)).AccessFailedCount));
        using var late = new PersonBrowser(node);
        Assert.Equal(HttpStatusCode.Forbidden, (await late.SignInAsync("ada", Accounts.Password, Accounts.CodeOf(secret, 1))).Status);

        await node.ChangeAsync(db => db.Set<Person>().ExecuteUpdateAsync(set => set.SetProperty(p => p.LockoutEnd, TimeProvider.System.GetUtcNow()), Stop));
        Assert.Equal(HttpStatusCode.SeeOther, (await late.SignInAsync("ada", Accounts.Password, Accounts.CodeOf(secret, 1))).Status);
    }

    [Fact]
    public async Task An_address_that_tries_too_often_is_told_to_wait()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var page = PersonBrowser.Hidden(await browser.GetAsync("/sign-in/setup"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => browser.PostAsync("/sign-in/setup", page, ("link", $"guess-{i}"))));
        var refused = answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).ToList();
        Assert.InRange(refused.Count, 20, 30);
        Assert.All(refused, answer => Assert.Contains($"wait {answer.Answer.Headers.RetryAfter} seconds", answer.Body, StringComparison.Ordinal));
        Assert.All(answers.Except(refused), answer => Assert.Equal(HttpStatusCode.Forbidden, answer.Status));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("password1234")]
    [InlineData("Passw0rd1234")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("abababababababab")]
    [InlineData("lovelace-is-my-name")]
    public async Task A_password_that_is_guessed_first_is_refused_and_the_link_stays(string password)
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var (_, page, _) = await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", await node.InviteAsync("lovelace")));
        var secret = Accounts.SecretOf(page);
        var (status, again, _) = await browser.PostAsync("/sign-in/setup/password", PersonBrowser.Hidden(page), ("password", password), ("again", password), ("code", Accounts.CodeOf(secret)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal(secret, Accounts.SecretOf(again));
        (status, _, _) = await browser.PostAsync(
            "/sign-in/setup/password", PersonBrowser.Hidden(again), ("password", Accounts.Password), ("again", Accounts.Password), ("code", Accounts.CodeOf(secret)));
        Assert.Equal(HttpStatusCode.SeeOther, status);
    }

    [Fact]
    public async Task Each_of_the_three_must_fit_before_a_link_is_used_up()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var (_, page, _) = await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", await node.InviteAsync("ada")));
        var (hidden, secret) = (PersonBrowser.Hidden(page), Accounts.SecretOf(page));
        foreach (var (again, code) in new[] { ("another long password", Accounts.CodeOf(secret)), (Accounts.Password, "000000"), (Accounts.Password, "") })
        {
            var (status, _, _) = await browser.PostAsync("/sign-in/setup/password", hidden, ("password", Accounts.Password), ("again", again), ("code", code));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        }

        await node.ChangeAsync(async db =>
        {
            Assert.Null((await db.Set<Person>().SingleAsync(Stop)).PasswordHash);
            Assert.Empty(await db.Set<AuthenticatorKey>().ToListAsync(Stop));
            Assert.Null((await db.Set<SetupLink>().SingleAsync(Stop)).UsedAt);
        });
        // A secret that was offered for another link.
        var (_, other, _) = await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", await node.InviteAsync("bob")));
        var mixed = await browser.PostAsync(
            "/sign-in/setup/password", hidden, ("kept", PersonBrowser.Hidden(other)["kept"]), ("password", Accounts.Password), ("again", Accounts.Password), ("code", Accounts.CodeOf(Accounts.SecretOf(other))));
        Assert.Equal(HttpStatusCode.Forbidden, mixed.Status);
    }

    [GeneratedRegex("""<input type="hidden"[^>]*>""", RegexOptions.None, 1000)]
    private static partial Regex Token();
}
