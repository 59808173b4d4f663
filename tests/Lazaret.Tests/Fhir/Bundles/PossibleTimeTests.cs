using System.Globalization;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Tests.Fhir.Bundles;

public sealed class PossibleTimeTests
{
    [Theory]
    [InlineData("2024", "2023-12-31T10:00:00Z", "2025-01-01T11:59:59.9999999Z")]
    [InlineData("2024-02", "2024-01-31T10:00:00Z", "2024-03-01T11:59:59.9999999Z")]
    [InlineData("2024-02-29", "2024-02-28T10:00:00Z", "2024-03-01T11:59:59.9999999Z")]
    [InlineData("2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z")]
    [InlineData("2024-02-29T10:00:00.123456789+02:30", "2024-02-29T07:30:00.1234567Z", "2024-02-29T07:30:00.1234567Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    public void A_time_covers_every_instant_that_it_allows(string text, string earliest, string latest)
    {
        var time = PossibleTime.Parse(text);

        Assert.Equal(DateTimeOffset.Parse(earliest, CultureInfo.InvariantCulture), time?.Earliest);
        Assert.Equal(DateTimeOffset.Parse(latest, CultureInfo.InvariantCulture), time?.Latest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000")]
    [InlineData("24")]
    [InlineData("2024-13")]
    [InlineData("2023-02-29")]
    [InlineData("2024-02-29T10:00:00")]
    [InlineData("2024-02-29T24:00:00Z")]
    [InlineData("2024-02-29T10:00:00+15:00")]
    [InlineData("2024-02-29T10:00:00.Z")]
    [InlineData("yesterday")]
    public void Anything_else_is_no_time(string text) => Assert.Null(PossibleTime.Parse(text));
}
