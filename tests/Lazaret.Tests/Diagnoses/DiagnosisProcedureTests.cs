using Lazaret.Node.Audit;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;
using Lazaret.Tests.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Diagnoses;

public sealed class DiagnosisProcedureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_whose_image_has_changed_does_not_run_and_runs_again_when_it_is_as_it_was()
    {
        await using var node = await TestNode.StartAsync();
        var model = await node.Get<ModelRegistry>().AddAsync(TinyModel.Write(_folder, "1.0.0"), Stop);
        Assert.IsType<Preparation.Ready>(await PrepareAsync(node));

        // Of the same size, and with the times it had.
        var program = new FileInfo(Path.Combine(model.Root, "model/run"));
        var written = program.LastWriteTimeUtc;
        File.SetUnixFileMode(program.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(program.FullName, "#!/bin/ed\n", Stop);
        File.SetLastWriteTimeUtc(program.FullName, written);
        await ChangedAsync();

        await File.WriteAllTextAsync(program.FullName, "#!/bin/sh\n", Stop);
        Assert.IsType<Preparation.Ready>(await PrepareAsync(node));

        File.CreateSymbolicLink(Path.Combine(model.Root, "out"), "../../outside");
        await ChangedAsync();

        async Task ChangedAsync() => Assert.Equal(
            "the image of sepsis@1.0.0 is not what was registered", Assert.IsType<Preparation.NotHere>(await PrepareAsync(node)).Why);
    }

    [Fact]
    public async Task A_model_whose_image_is_not_on_this_machine_is_left_to_another()
    {
        await using var node = await TestNode.StartAsync();
        var model = await node.Get<ModelRegistry>().AddAsync(TinyModel.Write(_folder, "1.0.0"), Stop);
        Assert.Empty(await Procedure(node).FindLacksAsync(Stop));
        Directory.Delete(model.Root, recursive: true);
        Assert.IsType<Preparation.NotHere>(await PrepareAsync(node));
        var lack = Assert.Single(await Procedure(node).FindLacksAsync(Stop));
        Assert.Equal(("models", JobKind.Diagnosis, "sepsis@1.0.0"), (lack.What, lack.Kind, lack.Program));
    }

    [Fact]
    public async Task A_run_reports_the_digest_that_was_verified_for_it()
    {
        await using var node = await TestNode.StartAsync();
        var registry = node.Get<ModelRegistry>();
        var verified = await registry.AddAsync(TinyModel.Write(_folder, "1.0.0"), Stop);
        var claimed = Claim();
        var procedure = Procedure(node);
        var prepared = Assert.IsType<Preparation.Ready>(await procedure.PrepareAsync(claimed, [], Stop));
        await node.Get<ProgramRegistry>().RemoveAsync(ProgramKind.Model, "sepsis", "1.0.0", AuditEntry.Operator, Stop);
        await registry.AddAsync(TinyModel.Write(_folder, "1.0.0", program: "another"), Stop);

        var report = prepared.Conclude("{\"diagnosis\":\"POSITIVE\"}"u8.ToArray());
        Assert.Equal(verified.Row.Digest, Assert.IsType<RunReport.Released>(report).Detail["digest"]);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<Preparation> PrepareAsync(TestNode node) => Procedure(node).PrepareAsync(Claim(), [], Stop);

    private static IJobProcedure Procedure(TestNode node) =>
        node.Services.GetServices<IJobProcedure>().Single(procedure => procedure.Kind == JobKind.Diagnosis);

    private static ClaimedJob Claim()
    {
        var job = Job.Admit(JobKind.Diagnosis, "local", new DiagnosisRequest("bot", "sepsis", "1.0.0").Write(), "", null, DateTimeOffset.UnixEpoch);
        var run = new Run { Id = Guid.NewGuid(), JobId = job.Id, Attempt = 1, Backend = "process", StartedAt = DateTimeOffset.UnixEpoch };
        return new ClaimedJob(job, run, new JobLease(job.Id, "here", 1));
    }
}
