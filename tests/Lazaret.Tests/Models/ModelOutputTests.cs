using System.Text;
using Lazaret.Node.Models;

namespace Lazaret.Tests.Models;

public sealed class ModelOutputTests
{
    private static readonly Dictionary<string, OutputField> Declared = new()
    {
        ["diagnosis"] = new OutputField.Enumeration(["POSITIVE", "NEGATIVE"]),
        ["score"] = new OutputField.Number(0, 20, Whole: true),
        ["sure"] = new OutputField.Truth(),
    };

    [Fact]
    public void Declared_members_leave_and_everything_else_is_dropped()
    {
        var answer = ModelOutput.Read("""{"name":"Ada","score":7,"diagnosis":"POSITIVE","sure":true,"raw":{"patient":[1]}}"""u8.ToArray(), Declared, out _);
        Assert.Equal("""{"diagnosis":"POSITIVE","score":7,"sure":true}""", Encoding.UTF8.GetString(answer!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7,\"sure\":true")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7,\"sure\":true} {}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7}")]
    [InlineData("{\"diagnosis\":\"MAYBE\",\"score\":7,\"sure\":true}")]
    [InlineData("{\"diagnosis\":7,\"score\":7,\"sure\":true}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":21,\"sure\":true}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7.5,\"sure\":true}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":1e999,\"sure\":true}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":NaN,\"sure\":true}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7,\"sure\":\"true\"}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7,\"score\":8,\"sure\":true}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7,\"\\u0073core\":8,\"sure\":true}")]
    [InlineData("\ufeff{\"diagnosis\":\"POSITIVE\",\"score\":7,\"sure\":true}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7,\"sure\":true,\"x\":{\"a\":1,\"a\":2}}")]
    [InlineData("{\"diagnosis\":\"POSITIVE\",\"score\":7,\"sure\":true,}")]
    [InlineData("{\"diagnosis\":\"\\ud800\",\"score\":7,\"sure\":true}")]
    [InlineData("{\"x\":[[[[[[[[[[1]]]]]]]]]],\"diagnosis\":\"POSITIVE\",\"score\":7,\"sure\":true}")]
    public void What_is_not_as_declared_spoils_the_output(string output)
    {
        Assert.Null(ModelOutput.Read(Encoding.UTF8.GetBytes(output), Declared, out var why));
        Assert.NotEmpty(why);
    }

    [Theory]
    [InlineData("7.00000000000000000000000000000000000000001", "7")]
    [InlineData("70000000000000000000000000000000000000000000e-43", "7")]
    [InlineData("7e0", "7")]
    public void A_number_leaves_as_its_value_and_not_as_it_was_spelled(string spelled, string value) => Assert.Equal(
        $$"""{"diagnosis":"POSITIVE","score":{{value}},"sure":true}""",
        Encoding.UTF8.GetString(ModelOutput.Read(Encoding.UTF8.GetBytes($$"""{"diagnosis":"POSITIVE","score":{{spelled}},"sure":true}"""), Declared, out _)!));

    [Fact]
    public void Bytes_that_are_no_utf8_spoil_the_output() =>
        Assert.Null(ModelOutput.Read((byte[])[.. "{\"diagnosis\":\""u8, 0xff, .. "\",\"score\":7,\"sure\":true}"u8], Declared, out _));
}
