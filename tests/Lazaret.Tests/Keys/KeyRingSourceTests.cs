using System.Diagnostics;
using System.Text;
using Lazaret.Node;
using Lazaret.Node.Configuration;
using Lazaret.Node.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Keys;

public sealed class KeyRingSourceTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private string Ring => _folder["keys.json"];

    [Fact]
    public void A_file_is_made_for_its_owner_alone()
    {
        Assert.True(FileIn("Development").Make());
        Assert.False(FileIn("Development").Make());
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Ring));
        Assert.Equal(FileIn("Development").Read().Primary.Secret, FileIn("Production").Read().Primary.Secret);
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public void Reading_a_file_that_is_missing_makes_none(string environment)
    {
        Assert.Contains(Ring, Assert.Throws<MissingException>(FileIn(environment).Read).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Ring));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void In_Production_a_file_open_to_others_is_refused_with_what_to_do(UnixFileMode open)
    {
        FileIn("Development").Make();
        File.SetUnixFileMode(Ring, OwnerOnly | open);
        Assert.Contains($"chmod 600 {Ring}", Assert.Throws<MissingException>(FileIn("Production").Read).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ln -s other keys.json", "is a link")]
    [InlineData("ln -s nothing keys.json", "is a link")]
    [InlineData("ln other keys.json", "has a second name")]
    [InlineData("mkfifo keys.json", "is no regular file")]
    [InlineData("mkdir keys.json", "is no regular file")]
    [InlineData("ln -s other keys.json.lock", "keys.json.lock: is a link")]
    [InlineData("mkfifo keys.json.lock", "keys.json.lock: is no regular file")]
    [InlineData("cp other keys.json; chown 65533 keys.json", "belongs to user 65533")]
    public void A_file_that_somebody_else_may_have_laid_there_is_refused(string lay, string why)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || !lay.Contains("chown", StringComparison.Ordinal), "only root gives files away");
        new KeyFile(_folder["other"], new NodeEnvironment("Development"), _time).Make();
        var before = File.ReadAllText(_folder["other"]);
        using (var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", lay]) { WorkingDirectory = _folder.Path })!)
            shell.WaitForExit();
        // The lock is for those who write.
        var refusal = Assert.Throws<MissingException>(() => lay.EndsWith(".lock", StringComparison.Ordinal) ? FileIn("Development").Make() : FileIn("Development").Read() is null);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(_folder["other"]));
    }

    [Fact]
    public void A_file_that_others_could_exchange_is_refused_with_what_to_do()
    {
        FileIn("Development").Make();
        File.SetUnixFileMode(_folder.Path, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute);
        foreach (var use in (Action[])[() => FileIn("Production").Read(), () => FileIn("Development").Read(), () => FileIn("Development").Lock().Dispose()])
            Assert.Contains($"chmod go-w {_folder.Path}, or set Lazaret:Keys:File to another place", Assert.Throws<MissingException>(use).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_that_make_the_file_at_once_read_the_same_ring()
    {
        var rings = new KeyRing[8];
        Parallel.For(0, rings.Length, i =>
        {
            FileIn("Development").Make();
            rings[i] = FileIn("Development").Read();
        });
        Assert.Single(rings.Select(ring => ring.Primary.Id).Distinct());
    }

    [Fact]
    public void A_command_prints_the_ring_and_is_asked_again_for_a_key_that_is_not_known()
    {
        FileIn("Development").Make();
        var command = new CommandKeys(["/bin/sh", "-c", $"echo asked >> '{_folder["log"]}'; cat '{Ring}'"], _time);
        var seal = Seal(command);
        var place = new RecordPlace("T", "C", "1");
        Assert.Equal([1], seal.Open(seal.Seal([1], place), place));
        Assert.Single(File.ReadAllLines(_folder["log"]));

        var file = FileIn("Development");
        file.Write(file.Read().Rotate(_time.GetUtcNow()));
        Assert.Equal([2], seal.Open(Seal(file).Seal([2], place), place));
        Assert.Equal(2, File.ReadAllLines(_folder["log"]).Length);
    }

    [Fact]
    public void A_command_is_to_be_asked_again_after_five_minutes()
    {
        var command = new CommandKeys(["/bin/false"], _time);
        var stamp = command.Stamp;
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotEqual(stamp, command.Stamp);
    }

    [Fact]
    public void A_command_that_fails_is_named()
    {
        Assert.Contains("/bin/false ended with exit code 1", Assert.Throws<MissingException>(new CommandKeys(["/bin/false"], _time).Read).Message, StringComparison.Ordinal);
        Assert.Contains("Lazaret:Keys:Command", Assert.Throws<MissingException>(new CommandKeys(["/no/such/program"], _time).Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_does_not_end_is_not_waited_for()
    {
        var reading = Task.Run(new CommandKeys(["/bin/sh", "-c", "sleep 600"], _time).Read, TestContext.Current.CancellationToken);
        for (; !reading.IsCompleted; await Task.Delay(20, TestContext.Current.CancellationToken))
            _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Contains("/bin/sh did not end in 30 s", (await Assert.ThrowsAsync<MissingException>(() => reading)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_holds_the_ring()
    {
        FileIn("Development").Make();
        var name = $"LAZARET_TEST_{Guid.NewGuid():N}";
        Assert.Contains(name, Assert.Throws<MissingException>(new EnvironmentKeys(name).Read).Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(name, File.ReadAllText(Ring));
        Assert.Equal(FileIn("Development").Read().Primary.Secret, new EnvironmentKeys(name).Read().Primary.Secret);
    }

    [Theory]
    [InlineData("", "is no key ring")]
    [InlineData("null", "is no key ring")]
    [InlineData("{}", "is no key ring")]
    [InlineData("""{"primary":"a","keys":null}""", "is no key ring")]
    [InlineData("""{"primary":"a","keys":[]}""", "primary: is not")]
    [InlineData("""{"primary":"a","keys":[{"id":"a","created":"2026-11-23T00:00:00Z","secret":"c2VjcmV0"}]}""", "keys[0].secret: must be 32 bytes")]
    [InlineData("""{"primary":"a","keys":[{"id":"a","created":"2026-11-23T00:00:00Z","secret":"no*secret"}]}""", "$.keys[0].secret")]
    [InlineData("""{"primary":"a b","keys":[{"id":"a b","created":"2026-11-23T00:00:00Z","secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]}""", "keys[0].id")]
    [InlineData("""{"primary":"a","keys":[{"id":"a","created":"2026-11-23T00:00:00Z","secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},{"id":"a","created":"2026-11-23T00:00:00Z","secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]}""", "twice")]
    public void What_is_no_ring_is_refused_without_a_word_of_it(string json, string fault)
    {
        var refusal = Assert.Throws<InputException>(() => KeyRing.Parse(Encoding.UTF8.GetBytes(json), "ring.json")).Message;
        Assert.StartsWith("ring.json: ", refusal, StringComparison.Ordinal);
        Assert.Contains(fault, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("c2Vj", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("no*secret", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_with_a_byte_order_mark_is_read()
    {
        var ring = KeyRing.Make(_time.GetUtcNow());
        File.WriteAllBytes(Ring, [.. "\uFEFF"u8, .. ring.Write()]);
        Assert.Equal(ring.Primary.Id, FileIn("Test").Read().Primary.Id);
    }

    [Fact]
    public void What_is_no_ring_by_its_kind_or_size_is_not_read()
    {
        using (var sparse = File.Create(Ring))
            sparse.SetLength(1L << 40);
        Assert.Contains("is larger than 1 MiB", Assert.Throws<MissingException>(() => FileIn("Test").Read()).Message, StringComparison.Ordinal);
        File.Delete(Ring);
        _folder.MakePipe(Path.GetRelativePath(_folder.Path, Ring));
        Assert.Contains($"{Ring}: is no regular file", Assert.Throws<MissingException>(() => FileIn("Test").Read()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private KeyFile FileIn(string environment) => new(Ring, new NodeEnvironment(environment), _time);

    private RecordSeal Seal(IKeyRingSource source)
    {
        var rings = new CurrentKeyRing(source, _time);
        rings.Take(source.Read());
        return new RecordSeal(rings);
    }
}
