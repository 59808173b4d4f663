using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Reviews;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>A released answer in the form that BIDS gives to derived data: names in CamelCase, how it was made, and what each column of the table means.</summary>
internal sealed record AnswerSidecar
{
    public required string Description { get; init; }

    public required IReadOnlyList<SidecarTool> GeneratedBy { get; init; }

    /// <summary>The digest of the map's file, and the version of the data.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>The site's template; null when the site names none.</summary>
    public required string? SpatialReference { get; init; }

    public required string? Site { get; init; }

    public required string Outcome { get; init; }

    public required string? Score { get; init; }

    public required string Statistic { get; init; }

    public required string Alternative { get; init; }

    public required string? Null { get; init; }

    public required string? Mask { get; init; }

    public required string? Parcellation { get; init; }

    public required JsonElement Filters { get; init; }

    public required IReadOnlyList<string> Covariates { get; init; }

    public required DisclosureNote? Disclosure { get; init; }

    public required string? Citation { get; init; }

    public required string? Receipt { get; init; }

    /// <summary>The meaning of each column, by the column's name.</summary>
    public required IReadOnlyDictionary<string, SidecarColumn> Columns { get; init; }

    /// <summary>One row per map or parcel: its values by the column's name.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<string, object?>> Rows { get; init; }

    public static AnswerSidecar Of(Job job, CohortAnswer answer, string? template)
    {
        var request = CohortRequest.Read(job.Request);
        var lines = AnswerTable.LinesOf(answer);
        var present = AnswerTable.Columns.Where(column => lines.Any(line => column.Of(line.Values) is not null)).ToList();
        AnswerColumn[] numbered = [new(AnswerTable.FirstOf(answer), answer.Parcels is null ? "Place in the file of maps" : "Label in the parcellation", _ => null), .. present];
        return new AnswerSidecar
        {
            Description = Words.Sentence(QueryWords.Of(request)),
            GeneratedBy = [new("Lazaret", answer.NodeVersion, request.Version is null ? request.Task : $"{request.Task}@{request.Version}")],
            Sources = [.. request.MapSha256.Length > 0 ? [$"sha256:{request.MapSha256}"] : (string[])[], .. answer.DataVersion is { } version ? [version] : (string[])[]],
            SpatialReference = template,
            Site = answer.Site,
            Outcome = request.Outcome,
            Score = request.Score,
            Statistic = request.Stat,
            Alternative = request.Alternative,
            Null = request.Null,
            Mask = request.Mask,
            Parcellation = request.Parcellation,
            Filters = JsonSerializer.Deserialize<JsonElement>(request.Filters),
            Covariates = request.Covariates,
            Disclosure = answer.Disclosure,
            Citation = answer.Citation,
            Receipt = answer.Receipt,
            Columns = numbered.ToDictionary(
                column => column.Name,
                column => new SidecarColumn(column.Description, column.Name == "parcel" ? answer.Parcels!.ToDictionary(parcel => $"{parcel.Label}", parcel => parcel.Name, StringComparer.Ordinal) : null),
                StringComparer.Ordinal),
            Rows = [.. lines.Select(line => numbered.ToDictionary(column => column.Name, column => column.Of(line.Values) ?? (column == numbered[0] ? line.Number : null), StringComparer.Ordinal))],
        };
    }
}

/// <summary>The program that made the answer.</summary>
internal sealed record SidecarTool(string Name, string? Version, string Description);

/// <summary>What a column means; if its numbers stand for something, also what each stands for.</summary>
internal sealed record SidecarColumn(string Description, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Levels);
