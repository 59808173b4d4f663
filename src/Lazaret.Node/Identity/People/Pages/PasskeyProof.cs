using System.Text.Json;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>A passkey's answer to the node's challenge, as the browser writes it.</summary>
internal sealed record PasskeyProof(JsonElement? Credential);
