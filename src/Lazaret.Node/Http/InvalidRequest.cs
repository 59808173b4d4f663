using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Http;

/// <summary>What is wrong with a request.</summary>
internal class InvalidRequest : ProblemDetails
{
    [JsonPropertyName("errors"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("every fault; not there where the request was refused unread")]
    public IReadOnlyList<RequestFault>? Errors { get; init; }

    [JsonPropertyName("more_errors"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("how many faults there are beyond those of errors")]
    public int? MoreErrors { get; init; }
}
