using System.Text.Json.Serialization;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>Where the browser goes on.</summary>
internal sealed record NextPage([property: JsonPropertyName("next")] string Next);
