using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Lazaret.Node.Configuration;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Lazaret.Node;

/// <summary>Adds to the interface's description, <c>/openapi/v1.json</c>, what the endpoints do not state themselves.</summary>
internal static class NodeInterface
{
    private const string Bearer = "bearer";

    private static readonly Dictionary<string, string> Tags = new(StringComparer.Ordinal)
    {
        ["Health"] = "What this node is, and whether it can do its work",
        ["Cohort jobs"] = "Brain maps against the site's cohort",
        ["Budget"] = "What may still be asked of the cohort",
        ["Reviews"] = "Results that wait for a steward",
        ["Diagnosis jobs"] = "One patient's observations to a registered model",
        ["FHIR"] = "The same diagnoses, as FHIR R4 operations",
        ["CDS Hooks"] = "The same diagnoses, as CDS Hooks 2.0 services",
        ["Tokens"] = "Access tokens of the node's own, for SMART backend services",
        ["Models"] = "The registered models",
        ["Session"] = "Who the caller is",
    };

    public static IServiceCollection AddInterface(this IServiceCollection services, AuthOptions auth) => services
        // By default the description would say that each number may also be a text.
        .ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict)
        .AddSingleton<InterfaceDescription>()
        .AddOpenApi(InterfaceDescription.Name, options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                Introduce(document, auth);
                foreach (var (path, item) in document.Paths)
                {
                    foreach (var (method, operation) in item.Operations ?? [])
                    {
                        operation.OperationId = NameOf(method, path);
                        operation.Responses ??= [];
                        operation.Responses.TryAdd("4XX", Error("What the node refuses before it knows what is asked", path, document));
                        operation.Responses.TryAdd("5XX", Error("What the node cannot do, now or at all", path, document));
                    }
                }

                return Task.CompletedTask;
            })
            .AddOperationTransformer((operation, context, _) =>
            {
                if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Access>().Single() is { IsOpen: false } access)
                    DescribeAccess(operation, access, $"/{context.Description.RelativePath}", context.Document!);
                else
                    operation.Security = [];
                return Task.CompletedTask;
            })
            .AddSchemaTransformer((schema, context, _) =>
            {
                Complete(schema, context);
                return Task.CompletedTask;
            }));

    private static void Introduce(OpenApiDocument document, AuthOptions auth)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Lazaret",
            Version = NodeVersion.Current,
            Description = "Questions travel to the data: brain maps and models run isolated beside them, and only what is safe leaves.",
            License = new OpenApiLicense { Name = "Apache License 2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [new OpenApiServer { Url = InterfaceDescription.Address }];
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
            tag.Description = Tags.GetValueOrDefault(tag.Name ?? "");
        (document.Components ??= new OpenApiComponents()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key, or an access token" },
        };
        // An empty security requirement means that no authentication is needed.
        document.Security = [auth.IsOn ? new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] } : new OpenApiSecurityRequirement()];
    }

    private static void DescribeAccess(OpenApiOperation operation, Access access, string path, OpenApiDocument document)
    {
        operation.Responses ??= [];
        operation.Responses.TryAdd("401", Error("Where the node asks for authentication: nobody has proved who they are", path, document));
        operation.Responses.TryAdd("403", Error($"The caller is no {string.Join(" or ", RoleNames.Of(access.Roles))}, or what is asked is not allowed to them", path, document));
    }

    // From method and path, so that it is one of a kind: POST /v1/diagnose is postV1Diagnose, GET /jobs/{id} getJobsById.
    private static string NameOf(HttpMethod method, string path)
    {
        var words = path.Split('/', StringSplitOptions.RemoveEmptyEntries).SelectMany(part => part.StartsWith('{') ? ["by", part.Trim('{', '}')] : part.Trim('$').Split('-'));
        return method.Method.ToLowerInvariant() + string.Concat(words.DefaultIfEmpty("root").Select(word => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..]));
    }

    private static OpenApiResponse Error(string description, string path, OpenApiDocument document)
    {
        var (mediaType, body) = NodeErrors.SpeaksFhir(path) ? (FhirAnswer.MediaType, nameof(FhirOutcome)) : (Problem.MediaType, nameof(ProblemDetails));
        return new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [mediaType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(body, document) } },
        };
    }

    private static void Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var attributes = context.JsonPropertyInfo?.AttributeProvider;
        // The framework reads other attributes, but not this one.
        if (attributes?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false) is [AllowedValuesAttribute allowed])
            schema.Enum = [.. allowed.Values.Select(value => JsonSerializer.SerializeToNode(value)!)];
        // A member that is left out when it is null is never null in an answer.
        if (attributes?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: false) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }])
            schema.Type &= ~JsonSchemaType.Null;
        // The discriminator is always present, although the framework describes it as optional.
        if (context.JsonTypeInfo.Type.BaseType?.GetCustomAttribute<JsonPolymorphicAttribute>() is { TypeDiscriminatorPropertyName: { } kind })
        {
            schema.Type = JsonSchemaType.Object;
            (schema.Required ??= new HashSet<string>(StringComparer.Ordinal)).Add(kind);
        }

        // Without additionalProperties, generated clients assume that an object has no further members.
        if (IsOpen(context.JsonTypeInfo))
            schema.AdditionalProperties ??= new OpenApiSchema();
    }

    private static bool IsOpen(JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Dictionary => true,
        // A problem may have members of its own (RFC 9457, 3.2), but those that the node writes are described.
        JsonTypeInfoKind.Object => !type.Type.IsAssignableTo(typeof(ProblemDetails)) && type.Properties.Any(member => member.IsExtensionData),
        _ => false,
    };
}
