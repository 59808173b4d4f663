using System.Xml;
using Lazaret.Cohort.Faults;
using Lazaret.Fhir.Answers;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Models;

/// <summary>Reads a model's manifest, as YAML or JSON: every fault at once, with line and column.</summary>
internal static class ManifestReader
{
    private const int MaxFault = 300;
    private const int MaxRequirements = 256;

    /// <summary>A manifest's text and what it says.</summary>
    /// <exception cref="InputException">The file cannot be read, or has faults.</exception>
    public static (string Text, ModelManifest Manifest) ReadFile(string file)
    {
        var text = ProgramManifestReader.ReadFile(file);
        return (text, Read(text, file));
    }

    /// <param name="text">The manifest.</param>
    /// <param name="name">What its faults are to begin with: its file's name.</param>
    /// <exception cref="InputException">It has faults.</exception>
    public static ModelManifest Read(string text, string name) =>
        ProgramManifestReader.Read(text, name, (root, shared, faults) => Read(root, shared, faults, withUnits: true));

    /// <summary>
    /// Reads a manifest that is registered already. The rules about units may have been laxer when it was added, and it must not make the
    /// whole registry unreadable.
    /// </summary>
    public static ModelManifest ReadRegistered(string text, string name) =>
        ProgramManifestReader.Read(text, name, (root, shared, faults) => Read(root, shared, faults, withUnits: false));

    private static ModelManifest Read(YamlObject root, ProgramManifest shared, FaultList<string> faults, bool withUnits)
    {
        var accuracy = root.Number("accuracy", required: true) ?? 0;
        if (accuracy is < 0 or > 1)
            root.Fault("accuracy", "must lie between 0 and 1");
        if (root.Text("input") is { } input && input != "observations")
            root.Fault("input", "only 'observations' is allowed on this node: a model gets what it asks for, never the whole bundle");
        var notes = new List<string>();
        return new ModelManifest(shared, accuracy, ReadRequirements(root, faults, notes, withUnits), ReadOutput(root.Object("output", required: true)))
        {
            Notes = notes,
        };
    }

    // requires.observations and its siblings; or the registry's own form, a list required_observations at the top.
    private static List<Requirement> ReadRequirements(YamlObject root, FaultList<string> faults, List<string> notes, bool withUnits)
    {
        var requirements = new List<Requirement>();
        requirements.AddRange(root.Objects("required_observations").Select(item => ReadRegistryObservation(item, notes, withUnits)));
        if (root.Object("requires") is { } requires)
        {
            requirements.AddRange(requires.Objects("observations").Select(ReadObservation));
            requirements.AddRange(requires.Objects("conditions").Select(ReadCondition));
            requirements.AddRange(requires.Objects("medications").Select(ReadMedication));
            requires.NoMore();
        }

        if (faults.Count == 0)
            faults.AddRange(Requirement.FaultsOf(requirements, withUnits).Select(fault => Quoted.Bare(fault, MaxFault)));
        if (requirements.Count > MaxRequirements)
            faults.Add($"line 1, column 1: requires: at most {MaxRequirements} data: each is part of every answer that asks for them");
        return requirements;
    }

    // The node does not guess a unit. Where a manifest names none, LOINC's example unit is taken if it is known, and whoever adds the model is told.
    private static ObservationRequirement ReadRegistryObservation(YamlObject item, List<string> notes, bool withUnits)
    {
        var requirement = (ObservationRequirement)ReadObservation(item);
        if (requirement.Unit is not null || requirement.AcceptedCodes.Count > 0)
            return requirement;
        if (Loinc.ExampleUnitOf(requirement) is { } unit)
        {
            notes.Add($"{requirement.Code}: no unit is declared; LOINC's example unit {unit} is taken, and the model gets the value in it");
            return requirement with { Unit = unit };
        }

        if (withUnits)
            item.Fault("unit", $"is missing, and no example unit of {requirement.Code} is known here: name a UCUM unit, or accepted_codes for coded values");
        return requirement;
    }

    private static Requirement ReadObservation(YamlObject item) => Complete(item, new ObservationRequirement
    {
        Code = ReadCode(item),
        Unit = item.Text("unit"),
        AcceptedUnits = ReadFactors(item.Object("accepted_units")),
        MolarMass = item.Scalar("molar_mass", required: false, YamlObject.ParseDecimal, "must be a number, in g/mol"),
        AcceptedCodes = ReadTokens(item.Object("accepted_codes")),
        AnswerWords = ReadTokens(item.Object("answers")),
        ComponentOf = item.TextOrTexts("component_of"),
        Range = item.Range("range") is { } range ? new ValueRange(range.Min, range.Max) : null,
    });

    private static Requirement ReadCondition(YamlObject item) => Complete(item, new ConditionRequirement { Code = ReadCode(item) });

    private static Requirement ReadMedication(YamlObject item) => Complete(item, new MedicationRequirement { Code = ReadCode(item) });

    private static string ReadCode(YamlObject item) => item.Text("code", required: true) ?? "";

    // What every kind of requirement has; then the item holds no more.
    private static Requirement Complete(YamlObject item, Requirement requirement)
    {
        var complete = requirement with
        {
            AlsoCodes = item.Texts("also_codes"),
            System = item.Text("system") ?? requirement.System,
            Statuses = item.Texts("statuses"),
            FallsBack = item.Choice("fallback", "none", "older") == "older",
            AcceptsAbsent = item.Truth("accept_absent") ?? false,
            Ask = item.Text("ask"),
            Display = item.Text("display"),
            Mandatory = item.Truth("mandatory") ?? true,
            MaxAge = item.Scalar("max_age", required: false, ParseDuration, "must be a duration like P1D or PT12H"),
        };
        item.NoMore();
        return complete;
    }

    private static Dictionary<string, decimal> ReadFactors(YamlObject? factors)
    {
        var read = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var unit in factors?.Names() ?? [])
            read[unit] = factors!.Scalar(unit, required: true, YamlObject.ParseDecimal, "must be the factor to the asked unit") ?? 1;
        return read;
    }

    private static Dictionary<string, string> ReadTokens(YamlObject? codes)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var code in codes?.Names() ?? [])
            read[code] = codes!.Text(code, required: true) ?? "";
        return read;
    }

    private static Dictionary<string, OutputField> ReadOutput(YamlObject? output)
    {
        var fields = new Dictionary<string, OutputField>(StringComparer.Ordinal);
        foreach (var name in output?.Names() ?? [])
        {
            if (output!.Object(name, required: true) is not { } field)
                continue;
            if (ReadField(field) is { } read)
                fields[name] = read;
        }

        return fields;
    }

    // Null when it has a fault of its own.
    private static OutputField? ReadField(YamlObject field)
    {
        var values = field.Texts("enum");
        var type = field.Text("type");
        var range = field.Range("range");
        var length = field.Whole("max_length", 1, 100_000);
        if (range is not null && type is not ("number" or "integer"))
            field.Fault("range", "belongs to type: number or integer alone");
        if (length is not null && type is not "string")
            field.Fault("max_length", "belongs to type: string alone");
        var indicators = ReadIndicators(field, values);
        field.NoMore();

        var (min, max) = range is { } bounds ? ((double)bounds.Min, (double)bounds.Max) : (double.MinValue, double.MaxValue);
        switch (values.Count, type)
        {
            case (> 0, null):
                return new OutputField.Enumeration(values) { Indicators = indicators };
            case (0, "number" or "integer"):
                return new OutputField.Number(min, max, Whole: type == "integer");
            case (0, "boolean"):
                return new OutputField.Truth();
            case (0, "string"):
                return new OutputField.Text(length ?? 200);
            default:
                field.Fault("", "must have either enum, or type: number, integer, boolean or string");
                return null;
        }
    }

    private static Dictionary<string, string> ReadIndicators(YamlObject field, IReadOnlyList<string> values)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        if (field.Object("indicator") is not { } indicators)
            return read;
        foreach (var value in indicators.Names())
        {
            if (!values.Contains(value))
                indicators.Fault(value, "is none of the field's enum");
            if (indicators.Text(value) is not { } indicator)
                continue;
            if (CdsCard.Indicators.Contains(indicator))
                read[value] = indicator;
            else
                indicators.Fault(value, $"must be one of {string.Join(", ", CdsCard.Indicators)}");
        }

        return read;
    }

    private static TimeSpan? ParseDuration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }
}
