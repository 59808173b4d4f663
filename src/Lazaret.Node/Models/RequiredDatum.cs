using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Xml;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Node.Models;

/// <summary>A requirement as requesters read it; members that it has no use for are left out.</summary>
internal record RequiredDatum
{
    [SetsRequiredMembers]
    protected RequiredDatum(Requirement requirement)
    {
        Type = requirement switch
        {
            ConditionRequirement => "Condition",
            MedicationRequirement => "MedicationStatement",
            _ => "Observation",
        };
        Code = requirement.Code;
        System = requirement.System;
        Display = requirement.Title;
        Mandatory = requirement.Mandatory;
        MaxAge = requirement.MaxAge is { } age ? XmlConvert.ToString(age) : null;
        AlsoCodes = Some(requirement.AlsoCodes);
        Statuses = Some(requirement.Statuses);
        Fallback = requirement.FallsBack ? "older" : null;
        AcceptAbsent = requirement.AcceptsAbsent ? true : null;
        if (requirement is not ObservationRequirement observation)
            return;
        AcceptedUnits = [.. observation.Units];
        MolarMass = observation.MolarMass;
        AcceptedCodes = Some([.. observation.AcceptedCodes.Keys]);
        Answers = Some([.. observation.Answers()]);
        ComponentOf = Some(observation.ComponentOf);
        Range = observation.Range is { } range ? [range.Minimum, range.Maximum] : null;
    }

    [JsonPropertyName("type"), AllowedValues("Observation", "Condition", "MedicationStatement")]
    public required string Type { get; init; }

    [JsonPropertyName("code")]
    public required string Code { get; init; }

    [JsonPropertyName("system")]
    public required string System { get; init; }

    [JsonPropertyName("display")]
    public required string Display { get; init; }

    [JsonPropertyName("mandatory")]
    public required bool Mandatory { get; init; }

    [JsonPropertyName("max_age"), Description("ISO 8601; null when even an undated one will do")]
    public required string? MaxAge { get; init; }

    [JsonPropertyName("also_codes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? AlsoCodes { get; init; }

    [JsonPropertyName("statuses"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Statuses { get; init; }

    [JsonPropertyName("fallback"), AllowedValues("older"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fallback { get; init; }

    [JsonPropertyName("accept_absent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("an Observation with a dataAbsentReason is an answer, and is not asked again")]
    public bool? AcceptAbsent { get; init; }

    [JsonPropertyName("accepted_units"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("UCUM")]
    public IReadOnlyList<string>? AcceptedUnits { get; init; }

    [JsonPropertyName("molar_mass"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("g/mol")]
    public decimal? MolarMass { get; init; }

    [JsonPropertyName("accepted_codes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? AcceptedCodes { get; init; }

    [JsonPropertyName("answers"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("of coded values, one code for each answer")]
    public IReadOnlyList<CodedAnswer>? Answers { get; init; }

    [JsonPropertyName("component_of"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? ComponentOf { get; init; }

    [JsonPropertyName("range"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Length(2, 2)]
    public IReadOnlyList<decimal>? Range { get; init; }

    public static RequiredDatum Of(Requirement requirement) => new(requirement);

    private static IReadOnlyList<T>? Some<T>(IReadOnlyList<T> items) => items.Count > 0 ? items : null;
}
