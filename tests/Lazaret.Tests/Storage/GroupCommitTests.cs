using Lazaret.Node.Storage.Commits;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Storage;

public sealed class GroupCommitTests
{
    private readonly List<int[]> _batches = [];
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _written;

    [Fact]
    public async Task What_comes_while_commits_are_under_way_is_written_together()
    {
        using var commits = new GroupCommit<int>(SaveAsync);
        var all = Enumerable.Range(0, 100).Select(commits.WriteAsync).ToList();
        _gate.SetResult();
        await Task.WhenAll(all);
        // The first two were alone. Of the others 64 fit in a batch.
        Assert.Equal([1, 1], _batches.Select(batch => batch.Length).Order().Take(2));
        Assert.Equal(4, _batches.Count);
        Assert.Equal(Enumerable.Range(0, 100), _batches.SelectMany(batch => batch).Order());
    }

    [Fact]
    public async Task An_item_that_the_database_refuses_harms_no_other()
    {
        using var commits = new GroupCommit<int>(async batch =>
        {
            await SaveAsync(batch);
            if (batch.Contains(7))
                throw new DbUpdateException("7");
        });
        var all = Enumerable.Range(0, 10).Select(commits.WriteAsync).ToList();
        _gate.SetResult();
        await Assert.ThrowsAsync<DbUpdateException>(() => all[7]);
        await Task.WhenAll(all.Where((_, i) => i != 7));
    }

    [Fact]
    public async Task A_database_that_is_away_fails_whoever_waits()
    {
        using var commits = new GroupCommit<int>(async _ =>
        {
            await _gate.Task;
            throw new IOException();
        });
        var all = Enumerable.Range(0, 10).Select(commits.WriteAsync).ToList();
        _gate.SetResult();
        foreach (var one in all)
            await Assert.ThrowsAsync<IOException>(() => one);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_longer_is_written_before_the_end()
    {
        using var commits = new GroupCommit<int>(SaveAsync);
        var all = Enumerable.Range(0, 70).Select(commits.WriteAsync).ToList();
        var drained = commits.DrainAsync(CancellationToken.None);
        Assert.False(drained.IsCompleted);
        _gate.SetResult();
        await drained;
        Assert.Equal(all.Count, _written);
        await Task.WhenAll(all);
        // It goes on afterwards.
        await commits.WriteAsync(70);
    }

    private async Task SaveAsync(IReadOnlyList<int> batch)
    {
        lock (_batches)
            _batches.Add([.. batch]);
        await _gate.Task;
        Interlocked.Add(ref _written, batch.Count);
    }
}
