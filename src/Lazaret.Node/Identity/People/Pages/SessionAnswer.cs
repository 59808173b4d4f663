using System.Text.Json.Serialization;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>Who asks.</summary>
/// <param name="Name">As audit and projects name them.</param>
/// <param name="Mode">The authentication mode by which they proved it.</param>
/// <param name="DisplayName">What a page calls them.</param>
/// <param name="EndsAt">When the session ends, whatever happens; null without a session.</param>
/// <param name="IdleSeconds">After how long without a request it ends before that.</param>
internal sealed record SessionAnswer(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("mode")] string Mode,
    [property: JsonPropertyName("display_name")] string? DisplayName,
    [property: JsonPropertyName("ends_at")] DateTimeOffset? EndsAt,
    [property: JsonPropertyName("idle_seconds")] int? IdleSeconds);
