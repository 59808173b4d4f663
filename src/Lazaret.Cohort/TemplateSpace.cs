using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort;

/// <summary>
/// The template a map lies in, by TemplateFlow's name. Two templates of one shape of grid differ by a nonlinear warp of millimetres, which resampling
/// does not take out: a map of another template is refused.
/// </summary>
public static class TemplateSpace
{
    /// <summary>Names of volumes' templates that are known; others may be a site's own.</summary>
    private static readonly string[] Known =
    [
        "Fischer344", "MNI152Lin", "MNI152NLin2009aAsym", "MNI152NLin2009aSym", "MNI152NLin2009bAsym", "MNI152NLin2009bSym", "MNI152NLin2009cAsym",
        "MNI152NLin2009cSym", "MNI152NLin6Asym", "MNI152NLin6Sym", "MNI305", "MNIColin27", "MNIInfant", "MNIPediatricAsym", "NKI", "OASIS30ANTs", "PNC", "RESILIENT", "WHS",
    ];

    /// <summary>Why a map of this space is not taken; null when it is, or no space was said.</summary>
    /// <param name="space">As the requester says.</param>
    /// <param name="template">The site's; null when it does not say.</param>
    public static string? Fault(string? space, string? template)
    {
        if (string.IsNullOrEmpty(space) || space == template)
            return null;
        if (template is null)
            return "this site does not say which template its volumes lie in";
        var name = Array.Find(Known, known => string.Equals(known, space, StringComparison.OrdinalIgnoreCase));
        if (name is null)
            return $"unknown space {Quoted.Text(space)}; the site's template is {template}";
        return name == template ? null : $"the site's template is {template}: between it and {name} lies a nonlinear warp, which the node does not compute; bring the map there first";
    }
}
