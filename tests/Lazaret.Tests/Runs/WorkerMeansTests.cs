using Lazaret.Node;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Runs;
using Lazaret.Tests.Images;
using Lazaret.Tests.Models;

namespace Lazaret.Tests.Runs;

public sealed class WorkerMeansTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_data_view_cohort_jobs_are_left_to_others_and_nobody_misses_one_that_was_never_configured()
    {
        await using var without = await TestNode.StartAsync();
        Assert.Equal([JobKind.Cohort], (await without.Get<WorkerMeans>().UnrunnableAsync(Stop)).Kinds);
        Assert.DoesNotContain(await without.Get<WorkerMeans>().FindAsync(Stop), lack => lack is { What: "data", IsWanted: true });

        await using var gone = await TestNode.StartAsync(new NodeOptions { Data = new DataOptions { View = _folder["gone"] } });
        Assert.Equal([JobKind.Cohort], (await gone.Get<WorkerMeans>().UnrunnableAsync(Stop)).Kinds);
        Assert.True((await gone.Get<WorkerMeans>().FindAsync(Stop)).Single(lack => lack.What == "data").IsWanted);

        await using var with = await TestNode.StartAsync(new NodeOptions { Data = new DataOptions { View = TinySite.Folder } });
        Assert.Empty((await with.Get<WorkerMeans>().UnrunnableAsync(Stop)).Kinds);
    }

    [Fact]
    public async Task What_was_seen_counts_for_two_seconds_or_until_a_job_is_given_back()
    {
        await using var node = await TestNode.StartAsync();
        var means = node.Get<WorkerMeans>();
        var model = await node.Get<ModelRegistry>().AddAsync(TinyModel.Write(_folder, "1.0.0"), Stop);
        Assert.DoesNotContain("sepsis@1.0.0", (await means.UnrunnableAsync(Stop)).Programs);

        Directory.Move(model.Root, _folder["away"]);
        Assert.DoesNotContain("sepsis@1.0.0", (await means.UnrunnableAsync(Stop)).Programs);
        means.Forget();
        Assert.Contains("sepsis@1.0.0", (await means.UnrunnableAsync(Stop)).Programs);

        Directory.Move(_folder["away"], model.Root);
        node.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain("sepsis@1.0.0", (await means.UnrunnableAsync(Stop)).Programs);
    }

    [Fact]
    public async Task An_image_that_cannot_be_read_keeps_its_own_jobs_from_this_worker_and_no_others()
    {
        using var unreadable = new UnreadableFolder();
        await using var node = await TestNode.StartAsync(new NodeOptions { Data = new DataOptions { View = TinySite.Folder } });
        var model = await node.Get<ModelRegistry>().AddAsync(TinyModel.Write(_folder, "1.0.0"), Stop);
        Directory.Move(model.Root, _folder["away"]);
        Directory.CreateSymbolicLink(model.Root, unreadable.Path);

        var unrunnable = await node.Get<WorkerMeans>().UnrunnableAsync(Stop);
        Assert.Empty(unrunnable.Kinds);
        Assert.Contains("sepsis@1.0.0", unrunnable.Programs);
    }

    [Fact]
    public void Workers_that_lack_the_same_go_by_the_same_name()
    {
        Assert.Empty(Unrunnable.None.Name);
        Assert.Equal(new Unrunnable([JobKind.Cohort], ["a@1.0.0", "b@1.0.0"]).Name, new Unrunnable([JobKind.Cohort], ["b@1.0.0", "a@1.0.0"]).Name);
        Assert.NotEqual(new Unrunnable([], ["a@1.0.0"]).Name, new Unrunnable([], ["b@1.0.0"]).Name);
    }

    public void Dispose() => _folder.Dispose();
}
