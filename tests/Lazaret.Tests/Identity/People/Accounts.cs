using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity.People;

/// <summary>Nodes with accounts of their own, and people who set them up.</summary>
internal static partial class Accounts
{
    public const string Password = "four words and a comma,";

    public static NodeOptions Have(NodeOptions options) => options with { Auth = new AuthOptions { Modes = [AuthModes.Key, AuthModes.Accounts] } };

    /// <summary>What the operator does: the link's secret.</summary>
    public static Task<string> InviteAsync(this ServingNode node, string name, Roles? role = Roles.Steward) =>
        node.Services.GetRequiredService<PeopleDirectory>().AddAsync(name, role, AuditEntry.Operator, TestContext.Current.CancellationToken);

    /// <summary>Sets a person up with password and authenticator; answers the authenticator's secret. They are signed in then.</summary>
    public static async Task<string> SetUpAsync(this PersonBrowser browser, string link)
    {
        var (status, page, _) = await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", link));
        Assert.Equal(HttpStatusCode.OK, status);
        var secret = SecretOf(page);
        (status, page, _) = await browser.PostAsync("/sign-in/setup/password", PersonBrowser.Hidden(page), ("password", Password), ("again", Password), ("code", CodeOf(secret)));
        Assert.True(status == HttpStatusCode.SeeOther, page);
        return secret;
    }

    public static Task<(HttpStatusCode Status, string Body, HttpResponseMessage Answer)> SignInAsync(this PersonBrowser browser, string name, string password, string code) =>
        browser.SubmitAsync("/sign-in", "/sign-in", ("name", name), ("password", password), ("code", code));

    public static string SecretOf(string page) => Secret().Match(page).Groups["secret"].Value.Replace(" ", "", StringComparison.Ordinal);

    /// <summary>RFC 6238.</summary>
    /// <param name="step">Half minutes from now.</param>
    public static string CodeOf(string secret, int step = 0) => CodeAt(secret, (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30) + step);

    /// <param name="step">Half minutes since 1970.</param>
    /// <inheritdoc cref="CodeOf" path="/summary"/>
    public static string CodeAt(string secret, long step)
    {
        const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(secret.Select(c => Convert.ToString(Base32.IndexOf(c), 2).PadLeft(5, '0')));
        var key = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238 is made of it, and authenticators know nothing else.
        var mac = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        return $"{(BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & int.MaxValue) % 1_000_000:D6}";
    }

    public static async Task<List<AuditEntry>> AuditAsync(this ServingNode node)
    {
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await db.Audit.OrderBy(entry => entry.Sequence).ToListAsync(TestContext.Current.CancellationToken);
    }

    public static async Task ChangeAsync(this ServingNode node, Func<LazaretDb, Task> change)
    {
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        await change(db);
    }

    [GeneratedRegex("""<code class="secret">(?<secret>[A-Z2-7 ]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();
}
