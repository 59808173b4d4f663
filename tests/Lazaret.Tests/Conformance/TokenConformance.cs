using Lazaret.Node;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens.Clients;
using Lazaret.Node.Identity.Tokens.Smart;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Conformance;

public sealed class TokenSqliteTests() : TokenConformance(DatabaseUnderTest.SqliteAsync);

public sealed class TokenPostgresTests() : TokenConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What processes agree on about tokens, on each database.</summary>
public abstract class TokenConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_that_comes_to_many_processes_at_once_is_taken_by_one()
    {
        await using var node = await start(null);
        var processes = Enumerable.Range(0, 8).Select(_ => new SpentTokens(node.Get<IDbContextFactory<LazaretDb>>(), node.Time)).ToList();
        var taken = await Task.WhenAll(processes.Select(process => Task.Run(() => SpendAsync(node, process, "ehr", "1"), Stop)));
        Assert.Single(taken, true);
        // Another client's token of that id, and another pair that reads the same in one piece.
        Assert.True(await SpendAsync(node, processes[0], "lab", "1"));
        Assert.True(await SpendAsync(node, processes[0], "eh", "r1"));
    }

    [Fact]
    public async Task Tokens_that_have_expired_are_forgotten()
    {
        await using var node = await start(null);
        var process = new SpentTokens(node.Get<IDbContextFactory<LazaretDb>>(), node.Time);
        for (var i = 0; i < 5; i++)
            await SpendAsync(node, process, "ehr", $"{i}");
        node.Time.Advance(TimeSpan.FromMinutes(10));
        await SpendAsync(node, process, "ehr", "new");
        await using var db = node.Open();
        Assert.Equal(1, await db.SpentTokens.CountAsync(Stop));
    }

    [Fact]
    public async Task Processes_that_start_at_once_sign_with_one_key_and_it_lies_sealed()
    {
        await using var node = await start(null);
        var processes = Enumerable.Range(0, 6).Select(_ => new TokenSigning(node.Get<IDbContextFactory<LazaretDb>>(), node.Get<RecordSeal>(), node.Time)).ToList();
        await Task.WhenAll(processes.Select(process => Task.Run(() => process.LoadAsync(Stop), Stop)));
        Assert.Single(processes.Select(process => process.Key.KeyId).Distinct());
        await using var db = node.Open();
        var stored = await db.TokenKeys.SingleAsync(Stop);
        Assert.Equal(-1, stored.Content.AsSpan().IndexOf(processes[0].Key.ECDsa.ExportParameters(includePrivateParameters: true).D));
        processes.ForEach(process => process.Dispose());
    }

    private static Task<bool> SpendAsync(TestNode node, SpentTokens process, string client, string jti) =>
        process.SpendAsync(CredentialKind.JsonWebKeys, client, jti, node.Time.GetUtcNow().AddMinutes(5), Stop);
}
