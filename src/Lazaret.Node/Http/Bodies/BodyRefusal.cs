using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Http.Bodies;

/// <summary>Why a request's body was not taken.</summary>
/// <param name="Status">The answer's status.</param>
/// <param name="Fault">What is wrong with it.</param>
/// <param name="Code">The same as a code of http://hl7.org/fhir/issue-type.</param>
/// <param name="AuditName">The same to the audit.</param>
public sealed record BodyRefusal(int Status, RequestFault Fault, string Code, string AuditName)
{
    public static readonly BodyRefusal TooSlow = new(
        StatusCodes.Status408RequestTimeout, new("body", "did not arrive in time: send it again, without pauses"), "timeout", "deadline");

    public static readonly BodyRefusal NoMemory = new(
        StatusCodes.Status503ServiceUnavailable, new("body", "does not fit beside the others that are in flight: try again"), "throttled", "memory");

    public static readonly BodyRefusal UnknownEncoding = new(
        StatusCodes.Status415UnsupportedMediaType, new("Content-Encoding", "must be gzip, identity, or not there", ["gzip", "identity"]), "not-supported", "encoding");

    public static readonly BodyRefusal TornGzip = new(
        StatusCodes.Status400BadRequest, new("body", "is not the gzip that Content-Encoding says: it is cut off or damaged"), "structure", "gzip");

    public static BodyRefusal TooLarge(long max) => new(
        StatusCodes.Status413PayloadTooLarge, new("body", $"is larger than {max >> 20} MiB"), "too-long", "body");

    public ProblemDetails ToProblem() => this == NoMemory
        ? Problems.Unavailable("The node holds as many bodies in flight as its memory allows: try again.")
        : Problems.Invalid([Fault], Status);
}
