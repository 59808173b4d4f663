using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>Checks a bundle for what a model requires. Pure: the same three arguments give the same answer.</summary>
public static class Negotiator
{
    /// <summary>The same about whoever the bundle is about, with the usual tolerance between clocks.</summary>
    public static Negotiation Negotiate(IReadOnlyList<Requirement> requirements, FhirBundle bundle, DateTimeOffset now) =>
        Negotiate(requirements, bundle, new NegotiationTerms(now));

    /// <summary>
    /// 1. A bundle that must not be used as data, or is not about the one patient asked about, is refused whole.
    /// 2. Each requirement collects the entries with its code, as itself or as a component.
    /// 3. Each entry is checked until its first fault; the newest one without a fault is chosen.
    /// 4. None is chosen if several entries have the newest time but different values, or if one that is newer has a fault.
    /// 5. If no entry is without a fault, the entry that came nearest gives the cause: the one whose fault is last in <see cref="MissCause"/>.
    /// </summary>
    /// <param name="requirements">Without faults: see <see cref="Requirement.FaultsOf"/>.</param>
    public static Negotiation Negotiate(IReadOnlyList<Requirement> requirements, FhirBundle bundle, NegotiationTerms terms)
    {
        // 1.
        if (WhyRefused(bundle, terms) is var (refusal, place))
            return Refuse(requirements, refusal, terms.Now) with { Place = place };

        var patient = bundle.Patients is [var only] ? only.OnServer : null;
        var missing = new List<MissingItem>();
        var chosen = new List<ChosenItem>();
        var skipped = new List<SkippedItem>();
        foreach (var requirement in requirements)
        {
            // 2.–5.
            var choice = Choice.Of(requirement, bundle, terms);
            skipped.AddRange(choice.Skipped.Select(finding => new SkippedItem(requirement, finding)));
            if (choice.Item is { } item)
                chosen.Add(item);
            else if (choice.Cause != MissCause.RecordedAbsent)
                missing.Add(new(requirement, choice.Cause, SearchQuery.Of(requirement, terms.Now, patient)) { Found = choice.Found, Near = choice.Cause is MissCause.NoMatch or MissCause.OtherPanel ? NearMiss.Find(requirement, bundle) : null });
        }

        return missing.Exists(item => item.Requirement.Mandatory)
            ? new Negotiation.DataRequired(missing, chosen) { Skipped = skipped, Unread = bundle.Unread }
            : new Negotiation.Satisfied(missing, chosen) { Skipped = skipped, Unread = bundle.Unread };
    }

    /// <summary>The answer when the bundle as a whole is no use: <see cref="MissCause.InvalidBundle"/> for one that was not even read.</summary>
    public static Negotiation.Refused Refuse(IReadOnlyList<Requirement> requirements, MissCause cause, DateTimeOffset now) =>
        new(cause, [.. requirements.Select(requirement => new MissingItem(requirement, cause, SearchQuery.Of(requirement, now)))]);

    private static (MissCause Cause, string Place)? WhyRefused(FhirBundle bundle, NegotiationTerms terms)
    {
        if (!FhirBundle.DataTypes.Contains(bundle.Type))
            return (MissCause.BundleType, "Bundle.type");
        if (bundle.HasModifier)
            return (MissCause.BundleModifier, "Bundle");
        return bundle.Patients switch
        {
            [_, var second, ..] => (MissCause.MixedSubjects, second.Place),
            [var only] when terms.Patient is { } asked && !only.Is(asked) => (MissCause.OtherPatient, only.Place),
            [] when terms.Patient is not null && bundle.Entries.Count > 0 => (MissCause.NoPatient, bundle.Entries.Select(entry => entry.UnresolvedSubject).OfType<string>().FirstOrDefault() ?? "Bundle.entry"),
            _ => null,
        };
    }
}
