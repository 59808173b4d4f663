namespace Lazaret.FhirTables;

/// <summary>What R4's own constraints say wrongly, and what is checked by code instead of by an expression.</summary>
internal static class Patches
{
    /// <summary>Keys that the validator checks in code (structure, references, narrative, bundles) or that cannot be decided offline.</summary>
    public static readonly HashSet<string> InCode = new(StringComparer.Ordinal)
    {
        "ele-1", "ext-1", "ref-1", "txt-1", "txt-2", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6",
        "bdl-1", "bdl-2", "bdl-3", "bdl-4", "bdl-5", "bdl-7", "bdl-8", "bdl-9", "bdl-10", "bdl-11", "bdl-12",
        "ctm-1",
    };

    /// <summary>Published expressions that do not say what their words say; the official Java validator replaces them too.</summary>
    private static readonly Dictionary<string, string> Expressions = new(StringComparer.Ordinal)
    {
        ["que-12"] = "enableWhen.count() > 1 implies enableBehavior.exists()",
        ["tim-9"] = "offset.empty() or (when.exists() and when.where($this in ('C' | 'CM' | 'CD' | 'CV')).empty())",
        ["con-3"] = "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status'"
            + " and code = 'entered-in-error').exists() or category.coding.where(code='problem-list-item').empty()",
        ["ras-2"] = "probability.ofType(decimal).empty() or probability.ofType(decimal) <= 100",
        ["opd-3"] = "targetProfile.exists() implies (type = 'Reference' or type = 'canonical' or type.memberOf('http://hl7.org/fhir/ValueSet/resource-types'))",
        ["eld-19"] = @"path.matches('[^\\s.,:;\\\'""\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s.,:;\\\'""\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*')",
    };

    /// <summary>Value sets that no offline list exhausts: their codes are checked for form only.</summary>
    public static readonly HashSet<string> Open = new(StringComparer.Ordinal)
    {
        "http://hl7.org/fhir/ValueSet/mimetypes", "http://hl7.org/fhir/ValueSet/ucum-units", "http://loinc.org/vs/LL379-9",
    };

    /// <summary>The expression to use. A name that is absent is no bad name, whatever <c>name.matches(…)</c> makes of nothing.</summary>
    public static string Apply(string key, string expression) =>
        expression.StartsWith("name.matches(", StringComparison.Ordinal) ? $"name.empty() or {expression}" : Expressions.GetValueOrDefault(key, expression);
}
