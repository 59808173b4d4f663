using System.Reflection;
using Lazaret.Node.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>The answer that asks for data.</summary>
internal sealed class NegotiationRequired(NegotiationProblem document) : Problem(document), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, typeof(NegotiationProblem), StatusCodes.Status409Conflict);
}
