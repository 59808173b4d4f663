using System.Text;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>The literal forms of Reference.reference, but for the local one.</summary>
internal static class ReferenceFormat
{
    private const string History = "/_history/";

    /// <param name="isInBundle">Transactions may refer by a search: <c>Patient?identifier=…</c>.</param>
    /// <param name="targetType">The resource type that the URL names; null when it names none.</param>
    public static bool TryRead(string text, bool isInBundle, out string? targetType)
    {
        targetType = null;
        if (PrimitiveFormat.HasScheme(Encoding.UTF8.GetBytes(text)))
        {
            if (text.StartsWith("http", StringComparison.Ordinal) && WithoutVersion(text) is { } unversioned
                && unversioned.Split('/') is [.., var type, var id] && IsType(type) && PrimitiveFormat.IsId(Encoding.UTF8.GetBytes(id)))
            {
                targetType = type;
            }

            return true;
        }

        if (isInBundle && text.IndexOf('?', StringComparison.Ordinal) is > 0 and var query && IsType(text[..query]))
        {
            targetType = text[..query];
            return true;
        }

        if (WithoutVersion(text) is not { } local || local.Split('/') is not [var relativeType, var relativeId]
            || !IsType(relativeType) || !PrimitiveFormat.IsId(Encoding.UTF8.GetBytes(relativeId)))
        {
            return false;
        }

        targetType = relativeType;
        return true;
    }

    /// <summary>The part before <c>/_history/v</c>; null when v is no id.</summary>
    private static string? WithoutVersion(string text)
    {
        var at = text.IndexOf(History, StringComparison.Ordinal);
        return at < 0 ? text : PrimitiveFormat.IsId(Encoding.UTF8.GetBytes(text[(at + History.Length)..])) ? text[..at] : null;
    }

    private static bool IsType(string name) => R4.Definitions.FindResource(Encoding.UTF8.GetBytes(name)) is not null;
}
