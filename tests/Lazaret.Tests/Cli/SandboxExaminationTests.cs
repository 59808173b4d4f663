using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Tests.Cli;

public sealed class SandboxExaminationTests
{
    private static readonly (string, SandboxProbe) WithoutGroup = ("bubblewrap", SandboxProbe.Refused(UnboundedMemory.Refusal));
    private static readonly (string, SandboxProbe) Unisolated = ("process", new SandboxProbe(Available: true, "nothing is isolated", []));

    [Theory]
    [InlineData("auto")]
    [InlineData("bubblewrap")]
    public void A_shell_beside_the_units_finds_no_fault_in_lacking_the_control_group_that_they_have(string configured)
    {
        var findings = SandboxExamination.Run([WithoutGroup, Unisolated], configured, besideUnits: true, out _);
        Assert.DoesNotContain(findings, finding => finding.IsFault);
        var bubblewrap = findings.Single(finding => finding.What == "sandbox bubblewrap");
        Assert.False(bubblewrap.Ok);
        Assert.Contains("deploy/systemd/lazaret /usr/local/sbin/lazaret && /usr/local/sbin/lazaret doctor", bubblewrap.Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", "sandbox")]
    [InlineData("bubblewrap", "sandbox bubblewrap")]
    public void Elsewhere_it_is_one(string configured, string what) =>
        Assert.Equal([what], SandboxExamination.Run([WithoutGroup, Unisolated], configured, besideUnits: false, out _).Where(finding => finding.IsFault).Select(finding => finding.What));

    [Fact]
    public void What_the_units_lack_as_well_is_a_fault_beside_them()
    {
        foreach (var probe in (SandboxProbe[])[SandboxProbe.Unavailable("bwrap not found", "apt-get install bubblewrap"), SandboxProbe.Refused("its files cannot be read")])
        {
            var finding = SandboxExamination.Run([("bubblewrap", probe)], "bubblewrap", besideUnits: true, out var chosen).Single();
            Assert.Equal(("bubblewrap", true), (chosen, finding.IsFault));
            Assert.DoesNotContain("/usr/local/sbin/lazaret", finding.Mend, StringComparison.Ordinal);
        }
    }
}
