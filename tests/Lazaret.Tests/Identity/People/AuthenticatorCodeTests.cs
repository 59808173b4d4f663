using Lazaret.Node.Identity.People.Accounts;

namespace Lazaret.Tests.Identity.People;

/// <summary>The test vectors of RFC 6238, appendix B, cut to six digits.</summary>
public sealed class AuthenticatorCodeTests
{
    // "12345678901234567890"
    private const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    [Theory]
    [InlineData(1111111109, "081804", 37037036)]
    [InlineData(1111111111, "050471", 37037037)]
    [InlineData(1234567890, "005924", 41152263)]
    [InlineData(2000000000, "279037", 66666666)]
    [InlineData(20000000000, "353130", 666666666)]
    public void A_code_is_that_of_its_time_step_and_holds_one_step_before_and_after(long seconds, string code, long step)
    {
        foreach (var (away, expected) in new[] { (-2, null), (-1, (long?)step), (0, step), (1, step), (2, null) })
            Assert.Equal(expected, AuthenticatorCode.StepOf(Secret, code, DateTimeOffset.FromUnixTimeSeconds(seconds + (away * AuthenticatorCode.Seconds))));
        Assert.Equal(step, AuthenticatorCode.StepOf(Secret, $" {code[..3]} {code[3..]}\n", DateTimeOffset.FromUnixTimeSeconds(seconds)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("28708")]
    [InlineData("2870820")]
    [InlineData("94287082")]
    [InlineData("٢٨٧٠٨٢")]
    public void What_is_no_code_is_that_of_no_step(string code) => Assert.Null(AuthenticatorCode.StepOf(Secret, code, DateTimeOffset.FromUnixTimeSeconds(59)));
}
