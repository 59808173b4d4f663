using System.Text.Json.Nodes;

namespace Lazaret.Node.Cli.Attack.Nodes;

internal sealed record AnsweredMap(int N, double R, double P)
{
    public static AnsweredMap Of(JsonNode result) => new((int)result["n"]!, (double)result[nameof(R)]!, (double)result["p"]!);
}
