using System.Text;
using Lazaret.Node;
using Lazaret.Node.Models;

namespace Lazaret.Tests.Models;

/// <summary>A manifest as a file that a stranger brought.</summary>
public sealed class ManifestFileTests : IDisposable
{
    private const string Minimal = """
        key: sepsis
        version: 1.0.0
        accuracy: 0.9
        image: ./image
        command: [/model/run]
        output: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}

        """;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("name: \"a\\e[2Jb\"", "line 7, column 7", "u{001B}")]
    [InlineData("name: \"a\\u202eb\"", "line 7, column 7", "u{202E}")]
    [InlineData("name: a\u202eb", "line 7, column 7", "u{202E}")]
    [InlineData("name: a\u2066b", "line 7, column 7", "u{2066}")]
    [InlineData("name: a\u200bb", "line 7, column 7", "u{200B}")]
    [InlineData("name: \"a\\U000E0041b\"", "line 7, column 7", "u{E0041}")]
    [InlineData("name: \"a\\u2028b\"", "line 7, column 7", "u{2028}")]
    [InlineData("name: \"a\\nb\"", "line 7, column 7", "u{000A}")]
    [InlineData("name: \"a\\tb\"", "line 7, column 7", "u{0009}")]
    [InlineData("name: \"a\\x7fb\"", "line 7, column 7", "u{007F}")]
    [InlineData("name: \"a\\x9b31mb\"", "line 7, column 7", "u{009B}")]
    [InlineData("\"na\\u202eme\": x", "line 7, column 1", "u{202E}")]
    [InlineData("requires: {observations: [{code: 8310-5, unit: Cel, display: \"\\u200f\"}]}", "line 7, column 62", "u{200F}")]
    [InlineData("input: \"\\e\"", "line 7, column 8", "u{001B}")]
    public void Text_that_would_not_show_as_it_is_is_refused_with_its_place(string line, string place, string character)
    {
        _folder.Write("manifest.yaml", Minimal + line);
        var refusal = Assert.Throws<InputException>(() => ManifestReader.ReadFile(_folder["manifest.yaml"]));
        Assert.Equal($"{_folder["manifest.yaml"]}: {place}: the text holds the control or invisible character \\{character}", refusal.Message);
    }

    [Fact]
    public void A_raw_control_character_is_refused()
    {
        _folder.Write("manifest.yaml", Minimal + "name: a\u001b[2Jb");
        var refusal = Assert.Throws<InputException>(() => ManifestReader.ReadFile(_folder["manifest.yaml"]));
        Assert.Equal($"{_folder["manifest.yaml"]}: line 7, column 8: the control character \\u{{001B}}", refusal.Message);
    }

    [Fact]
    public void A_script_among_the_commands_arguments_may_have_lines()
    {
        _folder.Write("manifest.yaml", Minimal.Replace("[/model/run]", "[/bin/sh, -c, \"a\\n\\tb\"]", StringComparison.Ordinal));
        Assert.Equal("a\n\tb", ManifestReader.ReadFile(_folder["manifest.yaml"]).Manifest.Command[2]);
        _folder.Write("manifest.yaml", Minimal.Replace("[/model/run]", "[/bin/sh, -c, \"a\\r\"]", StringComparison.Ordinal));
        Assert.Throws<InputException>(() => ManifestReader.ReadFile(_folder["manifest.yaml"]));
    }

    [Fact]
    public void A_name_in_any_script_is_taken()
    {
        _folder.Write("manifest.yaml", Minimal + "name: \"Früherkennung 早期 \\ud83d\\ude00\"");
        Assert.Equal("Früherkennung 早期 \U0001F600", ManifestReader.ReadFile(_folder["manifest.yaml"]).Manifest.Name);
    }

    [Fact]
    public void A_byte_order_mark_is_read_and_another_encoding_is_named()
    {
        File.WriteAllText(_folder["manifest.yaml"], Minimal, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal("sepsis", ManifestReader.ReadFile(_folder["manifest.yaml"]).Manifest.Key);
        File.WriteAllText(_folder["manifest.json"], "\ufeff{\n\t\"key\": \"flu\", \"version\": \"1.0.0\", \"accuracy\": 0.5, \"image\": \"i\", \"command\": [\"/run\"], \"output\": {\"d\": {\"type\": \"boolean\"}}}");
        Assert.Equal("flu", ManifestReader.ReadFile(_folder["manifest.json"]).Manifest.Key);
        File.WriteAllText(_folder["manifest.yaml"], Minimal, Encoding.Unicode);
        Assert.EndsWith(": is UTF-16: save it as UTF-8", Assert.Throws<InputException>(() => ManifestReader.ReadFile(_folder["manifest.yaml"])).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder["manifest.yaml"], [.. "key: a\nname: "u8, 0xFF]);
        Assert.EndsWith(": line 2, column 7: not UTF-8: save it as UTF-8", Assert.Throws<InputException>(() => ManifestReader.ReadFile(_folder["manifest.yaml"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipe", "is no regular file")]
    [InlineData("/dev/zero", "is no regular file")]
    [InlineData("sparse", "is larger than 1 MiB")]
    public void A_file_of_another_kind_is_refused_at_once(string kind, string why)
    {
        var file = kind.StartsWith('/') ? kind : _folder[kind];
        if (kind == "pipe")
            _folder.MakePipe(kind);
        if (kind == "sparse")
        {
            using var sparse = File.Create(file);
            sparse.SetLength(1L << 40);
        }

        Assert.Equal($"{file}: {why}", Assert.Throws<InputException>(() => ManifestReader.ReadFile(file)).Message);
    }

    [Fact]
    public void Many_faults_are_twenty_and_a_count()
    {
        var text = Minimal + string.Concat(Enumerable.Range(0, 1000).Select(i => $"x{i}: y\n"));
        var lines = Assert.Throws<InputException>(() => ManifestReader.Read(text, "manifest.yaml")).Message.Split('\n');
        Assert.Equal(21, lines.Length);
        Assert.Equal("manifest.yaml: and 980 more", lines[^1]);
    }

    [Fact]
    public void A_member_with_a_hostile_name_is_named_in_one_line_of_sensible_length()
    {
        var refusal = Assert.Throws<InputException>(() => ManifestReader.Read($"{Minimal}\"a\\nlazaret: \\e[2J{new string('x', 10_000)}\": b", "manifest.yaml")).Message;
        Assert.DoesNotContain('\n', refusal);
        Assert.DoesNotContain('\u001b', refusal);
        Assert.InRange(refusal.Length, 1, 700);
    }

    public void Dispose() => _folder.Dispose();
}
