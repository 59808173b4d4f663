namespace Lazaret.Fhir.Validation;

/// <summary>What a narrative points at: the <c>src</c> of an image, or the <c>href</c> of a link.</summary>
internal readonly record struct XhtmlLink(bool IsImage, string Url);
