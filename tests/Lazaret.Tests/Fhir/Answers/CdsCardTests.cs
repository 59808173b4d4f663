using System.Text.Json;
using Lazaret.Fhir.Answers;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Answers;

public sealed class CdsCardTests
{
    private static readonly ModelDescription Model = new("aki", "1.0.0", "Kidney injury risk", "http://lazaret.example/fhir/Library/aki", []);

    private static readonly Dictionary<string, JsonElement> Output = new(StringComparer.Ordinal)
    {
        ["diagnosis"] = JsonElement.Parse("\"POSITIVE\""),
        ["confidence"] = JsonElement.Parse("0.870"),
        ["certain"] = JsonElement.Parse("false"),
    };

    [Fact]
    public void A_card_tells_every_member_of_the_models_answer()
    {
        var card = CdsCard.Result(Model, Guid.Empty, Output, "critical");
        Assert.Equal("Kidney injury risk: diagnosis: POSITIVE, confidence: 0.870, certain: false", card.Summary);
        Assert.Equal("- diagnosis: POSITIVE\n- confidence: 0.870\n- certain: false", card.Detail);
        Assert.Equal("critical", card.Indicator);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\U0001F9E0")]
    public void A_cards_summary_is_shorter_than_140_characters_and_ends_in_a_whole_one(string character)
    {
        for (var length = 60; length < 160; length++)
        {
            var card = CdsCard.Result(Model with { Title = "x" + string.Concat(Enumerable.Repeat(character, length)) }, Guid.Empty, Output, "info");
            Assert.InRange(card.Summary.Length, 1, 139);
            Assert.False(char.IsHighSurrogate(card.Summary[^2]) && card.Summary[^1] == '…');
        }
    }

    [Fact]
    public void A_models_words_make_no_link_image_or_line_in_a_card()
    {
        var output = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["note"] = JsonSerializer.SerializeToElement("![a](https://evil.example/p.png)\n# *b* <img src=x> www.evil.example a@evil.example"),
        };
        var card = CdsCard.Result(Model, Guid.Empty, output, "info");
        Assert.DoesNotContain("\n", card.Summary, StringComparison.Ordinal);
        Assert.Equal(@"- note: !\[a\](https:\/\/evil.example/p.png) # \*b\* \<img src=x\> www\.evil.example a\@evil.example", card.Detail);
    }

    [Fact]
    public void A_card_tells_what_it_rests_on_to_a_reader_and_to_a_program()
    {
        var model = Model with { Requirements = [new ObservationRequirement { Code = "8310-5", Unit = "Cel" }] };
        var time = new DateTimeOffset(2026, 11, 26, 11, 30, 0, TimeSpan.Zero);
        var basis = new NegotiationBasis(
            new("aki", "1.0.0"),
            [new("8310-5", "Observation/o_1", time, JsonElement.Parse("38.6"), "Cel") { ConvertedFrom = new(101.5m, "[degF]") }],
            [new("8310-5", "Observation/o2", null, "no-time", "why *not*") { Reason = "stale" }])
        {
            Patient = "Patient/p1",
            Warnings = [new("value", "prefetch.e.period", "no zone")],
        };

        var card = CdsCard.Result(model, Guid.Empty, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["diagnosis"] = Output["diagnosis"] }, "info", basis);

        Assert.Equal(
            """
            - diagnosis: POSITIVE

            Based on:

            - Body temperature (8310-5): 38.6 Cel, converted from 101.5 \[degF\] (2026-11-26 11:30 UTC, Observation/o\_1)

            Not used:

            - Body temperature (8310-5) (Observation/o2): why \*not\*

            Wrong with the data, without effect on this answer:

            - prefetch.e.period: no zone
            """,
            card.Detail);
        var shown = JsonElement.Parse(CdsServices.Answer(model, card, [])).GetProperty("cards")[0].GetProperty("extension").GetProperty("lazaret.basis");
        Assert.Equal("1.0.0", shown.GetProperty("model").GetProperty("version").GetString());
        Assert.Equal("[degF]", shown.GetProperty("used")[0].GetProperty("converted_from").GetProperty("unit").GetString());
        Assert.Equal("no-time", shown.GetProperty("skipped")[0].GetProperty("cause").GetString());
        Assert.Equal("prefetch.e.period", shown.GetProperty("warnings")[0].GetProperty("expression").GetString());
        Assert.False(shown.TryGetProperty("patient", out _));
    }

    [Fact]
    public void A_card_that_rests_on_very_much_tells_a_part_to_the_reader()
    {
        var used = new UsedDatum("8310-5", "Observation/o1", null, JsonElement.Parse("38.6"), "Cel");
        var card = CdsCard.Result(Model, Guid.Empty, Output, "info", new(new("aki", "1.0.0"), [.. Enumerable.Repeat(used, 60)], []));
        Assert.EndsWith("\n- and 40 more", card.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_for_missing_data_names_the_mandatory_ones()
    {
        MissingItem[] missing =
        [
            new(new ObservationRequirement { Code = "8310-5", Display = "Body temperature", Unit = "Cel" }, MissCause.NoMatch, ""),
            new(new ObservationRequirement { Code = "3151-8", Display = "Oxygen", Unit = "L/min", Mandatory = false }, MissCause.NoMatch, ""),
        ];
        var card = CdsCard.Missing(Model, Guid.Empty, missing, ["prefetch '8310-5' was not sent"], ("What the model needs", "http://x/v1/models/aki"));
        Assert.Equal("Kidney injury risk needs Body temperature", card.Summary);
        Assert.Equal("- prefetch '8310-5' was not sent", card.Detail);
    }
}
