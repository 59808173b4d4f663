using System.Text.RegularExpressions;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort;

/// <summary>
/// The template a map lies in, by TemplateFlow's name. Two templates of one shape of grid differ by a nonlinear warp of millimetres, which resampling
/// does not take out: a map of another template is refused.
/// </summary>
public static partial class TemplateSpace
{
    /// <summary>Names of volumes' templates that are known (TemplateFlow, as of January 2026); others may be a site's own.</summary>
    private static readonly string[] Volumes =
    [
        "Fischer344", "MNI152Lin", "MNI152NLin2009aAsym", "MNI152NLin2009aSym", "MNI152NLin2009bAsym", "MNI152NLin2009bSym", "MNI152NLin2009cAsym",
        "MNI152NLin2009cSym", "MNI152NLin6Asym", "MNI152NLin6Sym", "MNI305", "MNIColin27", "MNIInfant", "MNIPediatricAsym", "MouseIn", "NKI", "NMT31Sym",
        "OASIS30ANTs", "PNC", "RESILIENT", "SUIT", "UNCInfant", "VALiDATe29", "WHS", "dhcpAsym", "dhcpSym", "dhcpVol",
    ];

    /// <inheritdoc cref="Volumes"/>
    public static IReadOnlyList<string> Names => Volumes;

    private static readonly string[] Surfaces = ["fsLR", "fsaverage", "onavg"];

    /// <summary>Why a map of this space is not taken; null when it is, or no space was said.</summary>
    /// <param name="space">As the requester says.</param>
    /// <param name="template">The site's; null when it does not say.</param>
    public static string? Fault(string? space, string? template)
    {
        if (string.IsNullOrEmpty(space) || (template is not null && AreSame(space, template)))
            return null;
        if (template is null)
            return "this site does not say which template its volumes lie in";
        // A template of several ages: MNIInfant:cohort-2. Another age is another template.
        var name = space.Split(':')[0];
        if (Find(Surfaces, name) is { } surface)
            return $"{surface} is a surface, and maps are volumes; the site's template is {template}";
        return Find(Volumes, name) is null
            ? $"unknown space {Quoted.Text(space)}; the site's template is {template}"
            : $"the site's template is {template}: between it and {Quoted.Bare(space)} lies a nonlinear warp, which the node does not compute; bring the map there first";
    }

    /// <summary>What a steward should know of a site's template that is not known by this name; null where it is, or none is declared.</summary>
    public static string? Unknown(string? template) => template is null || Find(Volumes, template.Split(':')[0]) is not null ? null
        : $"template: {Quoted.Text(template)} names no template of volumes in TemplateFlow, such as MNI152NLin2009cAsym: requesters who name their map's space as the field does are refused";

    /// <summary>The template that a volume's name says by BIDS' entities <c>space</c> and <c>cohort</c>; null where it says none.</summary>
    public static string? InName(string name) => Entities().Match(name) is { Success: true } found
        ? found.Groups[2].Success ? $"{found.Groups[1].Value}:cohort-{found.Groups[2].Value}" : found.Groups[1].Value
        : null;

    /// <summary>What a steward should know where volumes' names say another template than the site; null where none does.</summary>
    /// <param name="names">Of all volumes.</param>
    /// <param name="template">The site's; null when it does not say.</param>
    public static string? Contrary(IReadOnlyCollection<string> names, string? template)
    {
        var others = template is null ? [] : names.Select(InName).OfType<string>().Where(space => !AreSame(space, template)).ToList();
        return others.Count == 0 ? null
            : $"template: is {template}, and the names of {others.Count} of {names.Count} volumes say {string.Join(", ", others.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(5).Select(name => Quoted.Bare(name)))}: "
                + "maps of the template in which the volumes lie are refused, and others are answered: correct it";
    }

    public static bool AreSame(string one, string other) => string.Equals(WithoutResolution(one), WithoutResolution(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>fMRIPrep writes <c>MNI152NLin6Asym:res-2</c>: the same template at a resolution.</summary>
    private static string WithoutResolution(string space) => string.Join(':', space.Split(':').Where(part => !part.StartsWith("res-", StringComparison.OrdinalIgnoreCase)));

    [GeneratedRegex("_space-([A-Za-z0-9]+)(?:_cohort-([A-Za-z0-9]+))?_", RegexOptions.None, 1000)]
    private static partial Regex Entities();

    private static string? Find(string[] names, string name) => Array.Find(names, known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
}
