using System.Text.Json;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

/// <summary>Finds a resource's type before its properties are read, for resourceType may come last.</summary>
internal static class ResourceTypeAhead
{
    /// <summary>The longest type as it may be written, with every character escaped.</summary>
    private const int MaxType = 64 * 6;

    /// <param name="ahead">At the resource's start. It is a copy: the caller's reader stays where it is.</param>
    public static ObjectType? Find(Utf8JsonReader ahead, FhirBudget budget, out string? fault)
    {
        fault = null;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            budget.SpendBytes((int)(ahead.BytesConsumed - ahead.TokenStartIndex));
            var isIt = Escapes.NameIs(ahead, "resourceType"u8);
            ahead.Read();
            if (!isIt)
            {
                var start = ahead.BytesConsumed;
                ahead.Skip();
                budget.SpendBytes((int)(ahead.BytesConsumed - start));
                continue;
            }

            if (ahead.TokenType != JsonTokenType.String)
            {
                fault = "resourceType must be a string";
                return null;
            }

            Span<byte> name = stackalloc byte[MaxType];
            if (ahead.ValueSpan.Length <= name.Length && !Escapes.HasLoneSurrogate(ahead)
                && R4.Definitions.FindResource(name[..ahead.CopyString(name)]) is { } type)
            {
                return type;
            }

            fault = "resourceType must be one of the 146 resource types of R4";
            return null;
        }

        fault = "a resource must have a resourceType";
        return null;
    }
}
