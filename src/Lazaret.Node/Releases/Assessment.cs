using System.Security.Cryptography;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Node.Audit;
using Lazaret.Node.Releases.Earlier;

namespace Lazaret.Node.Releases;

/// <summary>What the controls say of a run's answers.</summary>
internal sealed class Assessment
{
    /// <summary>The control that withholds them; null for none.</summary>
    public BlockRule? Rule { get; set; }

    /// <summary>Whether only a ledger withholds them.</summary>
    public bool IsSpent { get; set; }

    /// <summary>The outcomes that share a ledger with the one that is asked about; then those that share one with a covariate, where that is another ledger.</summary>
    public required IReadOnlyList<ToldFamily> Families { get; init; }

    /// <summary>What would be charged.</summary>
    public required IReadOnlyList<AskedCharge> Charges { get; init; }

    /// <summary>
    /// The ledgers in which they count, tried: each family's, with Ledger=project the project's own and then that of all projects. None where another control keeps them before any
    /// ledger is asked, or none counts them.
    /// </summary>
    public IReadOnlyList<TriedLedger> Ledgers { get; set; } = [];

    /// <summary>For the audit, and for whoever reviews it: no subject, no score, no result.</summary>
    public AuditDetail Describe(DecisionRequest request, DisclosureOptions options)
    {
        var detail = new AuditDetail
        {
            ["profile"] = options.Profile,
            ["off"] = DisclosureNote.Of(options).Off,
            ["data_version"] = request.Questions[0].DataVersion,
            ["queries"] = request.Questions.Select(question => question.Query).ToArray(),
            ["n"] = request.Questions.Select(question => question.Subjects.Count).ToArray(),
            ["family"] = Families[0].Outcomes,
        };
        if (Families.Count > 1)
            detail["covariate_families"] = Families.Skip(1).Select(family => family.Outcomes).ToArray();
        if (request.Questions.Any(question => question.Clipped > 0))
            detail["clipped"] = request.Questions.Select(question => question.Clipped).ToArray();
        if (request.Questions.Any(question => question.Influence is not null))
            detail["influence"] = request.Questions.Select(question => question.Influence is { } influence ? Math.Round(influence, 3) : (double?)null).ToArray();
        if (Rule is { } rule)
            detail["rule"] = rule;
        if (Charges.Count > 0)
            detail["cohorts"] = Charges.Select(pair => Convert.ToHexStringLower(SHA256.HashData(SubjectSetBytes.Write(pair.Charge.Cohort)))).Distinct().ToArray();
        TriedLedger.Describe(Ledgers, detail);
        return detail;
    }
}
