using System.Text;
using Lazaret.Fhir;
using Lazaret.Fhir.Answers;

namespace Lazaret.Tests.Fhir.Answers;

public sealed class EvaluateRequestTests
{
    private const string Data = """{"name":"data","resource":{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://ehr.example/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}}]}}""";

    [Theory]
    [InlineData("""{"name":"subject","valueString":"Patient/p1"}""", "Patient/p1")]
    [InlineData("""{"name":"subject","valueString":"p1"}""", "Patient/p1")]
    [InlineData("""{"name":"subject","valueReference":{"reference":"Patient/p1/_history/2"}}""", "Patient/p1")]
    [InlineData("""{"name":"subject","valueReference":{"reference":"http://ehr.example/fhir/Patient/p1"}}""", "http://ehr.example/fhir/Patient/p1")]
    [InlineData("""{"name":"subject","valueUri":"https://ehr.example/fhir/Patient/p1"}""", "https://ehr.example/fhir/Patient/p1")]
    public void A_subject_may_be_named_in_every_way_that_leads_there(string subject, string expected)
    {
        var request = Read(Data, subject).Request!;
        Assert.Equal(expected, request.Subject!.Reference);
        Assert.StartsWith("""{"resourceType":"Bundle","type":"collection",""", Encoding.UTF8.GetString(request.Bundle.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"subject","valueString":"#p1"}""", "Parameters.parameter[1]")]
    [InlineData("""{"name":"subject","valueString":"Group/p1"}""", "Parameters.parameter[1]")]
    [InlineData("""{"name":"subject","valueReference":{"display":"her"}}""", "Parameters.parameter[1]")]
    [InlineData("""{"name":"subject","valueBoolean":true}""", "Parameters.parameter[1]")]
    [InlineData("""{"name":"subject","valueString":"p1"},{"name":"subject","valueString":"p1"}""", "Parameters.parameter[2]")]
    [InlineData("""{"name":"useServerData","valueBoolean":false},{"name":"dataEndpoint","resource":{"resourceType":"Patient","id":"x"}}""", "Parameters.parameter[1],Parameters.parameter[2]")]
    [InlineData(Data, "Parameters.parameter")]
    public void What_is_not_as_asked_is_refused_at_its_place(string parameters, string places)
    {
        var (request, issues) = Read(Data, parameters);
        Assert.Null(request);
        Assert.Equal(places, string.Join(',', issues.Select(issue => issue.Expression)));
    }

    [Theory]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"data","name":"x","resource":{"resourceType":"Bundle"}}]}""")]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"data","resource":{"resourceType":"Bundle"},"colour":1}]}""")]
    [InlineData("""{"resourceType":"Parameters","parameter":[7]}""")]
    [InlineData("""{"resourceType":"Parameters","parameter":{}}""")]
    [InlineData("""{"resourceType":"Parameters","parameter":[],"parameter":[]}""")]
    [InlineData("""{"resourceType":"Parameters"}""")]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"data","resource":{"resourceType":"Patient","id":"p1"}}]}""")]
    public void Parameters_that_are_none_are_refused(string body)
    {
        Assert.Null(EvaluateRequest.Read(Encoding.UTF8.GetBytes(body), FhirBudget.Unlimited(TestContext.Current.CancellationToken), out var issues));
        Assert.NotEmpty(issues);
    }

    [Fact]
    public void An_issue_of_the_bundle_is_placed_in_the_body()
    {
        var request = Read(Data).Request!;
        Assert.Equal("Parameters.parameter[0].resource.entry[3].resource", request.ToBody("Bundle.entry[3].resource"));
    }

    private static (EvaluateRequest? Request, IReadOnlyList<FhirIssue> Issues) Read(params string[] parameters)
    {
        var body = """{"resourceType":"Parameters","parameter":[""" + string.Join(',', parameters) + "]}";
        return (EvaluateRequest.Read(Encoding.UTF8.GetBytes(body), FhirBudget.Unlimited(TestContext.Current.CancellationToken), out var issues), issues);
    }
}
