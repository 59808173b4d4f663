using System.Text;
using Lazaret.Cohort.Faults;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Delivery;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Http;

namespace Lazaret.Tests.Diagnoses;

public sealed class DiagnosisEnvelopeTests
{
    private static readonly WebhookAddresses Addresses = new(new WebhookOptions());

    [Fact]
    public void The_bundle_is_handed_on_as_the_bytes_that_came()
    {
        var envelope = DiagnosisEnvelope.Read(
            """{"fhir_bundle" : {"a" : 1.00, "b":[{}] } ,"client_id":"bot","target_diagnosis":"sepsis","webhook_url":null}"""u8.ToArray(), Addresses, [], out _);
        Assert.Equal("""{"a" : 1.00, "b":[{}] }""", Encoding.UTF8.GetString(envelope!.Bundle.Span));
        Assert.Equal(("bot", "sepsis"), (envelope.ClientId, envelope.Target));
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    [InlineData("{} {}", "body")]
    [InlineData("""{"client_id":"\ud800","target_diagnosis":"x","fhir_bundle":{}}""", "body")]
    [InlineData("{}", "client_id target_diagnosis fhir_bundle")]
    [InlineData("""{"client_id":1,"target_diagnosis":"","fhir_bundle":[]}""", "client_id target_diagnosis fhir_bundle")]
    [InlineData("""{"client_id":"b","client_id":"c","target_diagnosis":"x","fhir_bundle":{}}""", "client_id")]
    [InlineData("""{"client_id":"b","target_diagnosis":"x","fhir_bundle":{},"patient":"Ada"}""", "patient")]
    [InlineData("""{"client_id":"b","target_diagnosis":"x","fhir_bundle":{},"webhook_url":"http://x.example/"}""", "webhook_url")]
    public void Every_fault_is_named_at_once(string body, string fields)
    {
        var faults = new FaultList<RequestFault>();
        Assert.Null(DiagnosisEnvelope.Read(Encoding.UTF8.GetBytes(body), Addresses, faults, out _));
        Assert.Equal(fields, string.Join(' ', faults.Select(fault => fault.Field)));
    }

    [Theory]
    [InlineData("\"\":0,", 50_000)]
    [InlineData("\"client_id\":0,", 50_000)]
    public void Of_very_many_faults_twenty_are_told_and_the_others_counted(string member, int count)
    {
        var faults = new FaultList<RequestFault>();
        Assert.Null(DiagnosisEnvelope.Read(Encoding.UTF8.GetBytes($"{{{string.Concat(Enumerable.Repeat(member, count))}\"x\":0}}"), Addresses, faults, out _));
        Assert.Equal(20, faults.Count);
        Assert.InRange(faults.More, count - 20, count);
    }

    [Fact]
    public void A_long_name_is_told_by_its_beginning_without_what_a_terminal_would_obey()
    {
        var faults = new FaultList<RequestFault>();
        DiagnosisEnvelope.Read(Encoding.UTF8.GetBytes($"{{\"a\u0085\u202E{new string('n', 1 << 20)}\":0}}"), Addresses, faults, out _);
        Assert.Equal($"a\\u{{0085}}\\u{{202E}}{new string('n', 57)}…", faults[0].Field);
    }

    [Fact]
    public void A_name_that_the_requester_made_up_stays_out_of_the_audit()
    {
        var faults = new FaultList<RequestFault>();
        DiagnosisEnvelope.Read("""{"client_id":"b","target_diagnosis":"x","fhir_bundle":{},"Ada Lovelace":1}"""u8.ToArray(), Addresses, faults, out _);
        Assert.Equal("(unknown)", Assert.Single(faults).AuditName);
    }
}
