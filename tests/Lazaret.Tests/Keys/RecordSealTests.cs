using System.Text;
using Lazaret.Node.Configuration;
using Lazaret.Node.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Keys;

public sealed class RecordSealTests : IDisposable
{
    private static readonly RecordPlace Place = new("Payloads", "Content", "1/Input/0");
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("Erika Mustermann, 38.6 Cel");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly KeyFile _file;
    private readonly RecordSeal _seal;

    public RecordSealTests()
    {
        _file = new KeyFile(_folder["keys.json"], new NodeEnvironment("Test"), _time);
        _file.Make();
        _seal = Read(_file);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    public void What_was_sealed_opens_at_its_place(int length)
    {
        var plain = new byte[length];
        new Random(length).NextBytes(plain);
        Assert.Equal(plain, _seal.Open(_seal.Seal(plain, Place), Place));
    }

    [Fact]
    public void Nothing_of_the_content_shows_and_no_two_seals_are_alike()
    {
        var (first, second) = (_seal.Seal(Plain, Place), _seal.Seal(Plain, Place));
        Assert.Equal(-1, first.AsSpan().IndexOf("Muster"u8));
        Assert.Equal(-1, first.AsSpan()[RecordSeal.Header(Ring.Primary.Id).Length..].IndexOf(second.AsSpan()[^24..]));
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("Webhooks", "Content", "1/Input/0")]
    [InlineData("Payloads", "Secret", "1/Input/0")]
    [InlineData("Payloads", "Content", "2/Input/0")]
    [InlineData("Payloads", "Content", "1/Result/0")]
    // The parts are told apart by their lengths, not by what stands between them.
    [InlineData("PayloadsContent", "", "1/Input/0")]
    [InlineData("Payloads", "Content1/Input/0", "")]
    public void What_was_moved_does_not_open(string table, string column, string row)
    {
        var refusal = Assert.Throws<SealException>(() => _seal.Open(_seal.Seal(Plain, Place), new RecordPlace(table, column, row)));
        Assert.Contains($"{table}.{column} {row}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_any_byte_is_found()
    {
        var record = _seal.Seal(Plain, Place);
        for (var i = 0; i < record.Length; i++)
        {
            var changed = (byte[])record.Clone();
            changed[i] ^= 1;
            Assert.DoesNotContain("Muster", Assert.Throws<SealException>(() => _seal.Open(changed, Place)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_record_cut_at_any_byte_is_found()
    {
        var record = _seal.Seal(Plain, Place);
        for (var length = 0; length < record.Length; length++)
            Assert.Throws<SealException>(() => _seal.Open(record.AsSpan(0, length), Place));
    }

    [Fact]
    public void A_key_that_is_not_there_is_named()
    {
        var record = _seal.Seal(Plain, Place);
        var id = Ring.Primary.Id;
        _file.Write(KeyRing.Make(_time.GetUtcNow()));
        Assert.Contains($"'{id}' is not in the key ring", Assert.Throws<SealException>(() => Read(_file).Open(record, Place)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_under_the_same_id_does_not_open()
    {
        var record = _seal.Seal(Plain, Place);
        var other = Encoding.UTF8.GetString(Ring.Write()).Replace(Convert.ToBase64String(Ring.Primary.Secret), Convert.ToBase64String(new byte[32]), StringComparison.Ordinal);
        _file.Write(KeyRing.Parse(Encoding.UTF8.GetBytes(other), "test"));
        Assert.Throws<SealException>(() => Read(_file).Open(record, Place));
    }

    [Fact]
    public void What_was_sealed_under_a_key_that_is_new_in_the_source_opens()
    {
        var before = _seal.Seal(Plain, Place);
        _file.Write(Ring.Rotate(_time.GetUtcNow()));
        Assert.Equal(Plain, _seal.Open(Read(_file).Seal(Plain, Place), Place));
        Assert.Equal(Plain, _seal.Open(before, Place));
    }

    [Fact]
    public void A_running_node_keeps_its_ring_when_the_source_is_gone()
    {
        var record = _seal.Seal(Plain, Place);
        File.WriteAllText(_file.Place, "gone");
        Assert.Equal(Plain, _seal.Open(record, Place));
    }

    public void Dispose() => _folder.Dispose();

    private KeyRing Ring => _file.Read();

    private RecordSeal Read(KeyFile source)
    {
        var rings = new CurrentKeyRing(source, _time);
        rings.Take(source.Read());
        return new RecordSeal(rings);
    }
}
