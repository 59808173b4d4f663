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
    /// 4. None is chosen if another one that may be newer has a fault or says something else.
    /// 5. If no entry is without a fault, the newest gives the cause.
    /// </summary>
    /// <param name="requirements">Without faults: see <see cref="Requirement.FaultsOf"/>.</param>
    public static Negotiation Negotiate(IReadOnlyList<Requirement> requirements, FhirBundle bundle, NegotiationTerms terms)
    {
        terms = terms with { Requirements = requirements };
        // 1.
        if (WhyRefused(bundle, terms.Patient) is var (refusal, places))
            return Refuse(requirements, refusal, terms.Now, places, terms.Patient);

        var patient = bundle.Patients.Count > 0 ? bundle.Patients[0] : null;
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
            else if (choice.Cause is { } cause and not MissCause.RecordedAbsent)
            {
                missing.Add(new(requirement, cause, SearchQuery.Of(requirement, terms.Now, patient?.OnServer))
                {
                    SearchAlso = SearchQuery.OfStatements(requirement, terms.Now, patient?.OnServer),
                    Found = choice.Found,
                    Near = cause is MissCause.NoMatch or MissCause.OtherPanel ? NearMiss.Find(requirement, bundle) : null,
                });
            }
        }

        Negotiation negotiation = missing.Exists(item => item.Requirement.Mandatory)
            ? new Negotiation.DataRequired(missing, chosen)
            : new Negotiation.Satisfied(missing, chosen);
        return negotiation with { Skipped = skipped, Unread = bundle.Unread, Patient = terms.Patient is { } asked && !asked.IsUrn ? asked.Reference : patient?.Reference };
    }

    /// <summary>The answer when the bundle as a whole is no use: <see cref="MissCause.InvalidBundle"/> for one that was not even read.</summary>
    public static Negotiation.Refused Refuse(IReadOnlyList<Requirement> requirements, MissCause cause, DateTimeOffset now) =>
        Refuse(requirements, cause, now, Places.Of("Bundle"), asked: null);

    private static Negotiation.Refused Refuse(IReadOnlyList<Requirement> requirements, MissCause cause, DateTimeOffset now, Places places, AskedPatient? asked)
    {
        var words = asked is not null && cause is MissCause.OtherPatient or MissCause.MixedSubjects ? $"this is about another patient than {asked!.NamedBy}" : null;
        return new([.. requirements.Select(requirement => new MissingItem(requirement, cause, SearchQuery.Of(requirement, now)))], Refusal.Of(cause, places, words));
    }

    private static (MissCause Cause, Places Places)? WhyRefused(FhirBundle bundle, AskedPatient? asked)
    {
        if (!FhirBundle.DataTypes.Contains(bundle.Type))
            return (MissCause.BundleType, Places.Of("Bundle.type"));
        if (bundle.HasModifier)
            return (MissCause.BundleModifier, Places.Of("Bundle"));
        if (bundle.InactivePatients.Count > 0)
            return (MissCause.InactivePatient, bundle.InactivePatients);
        if (asked is null)
        {
            if (bundle.Patients.Count > 1)
                return (MissCause.MixedSubjects, Places.Of(bundle.Patients.Skip(1).Select(other => other.Mentions)));
            return bundle.Patients is [{ LeadsNowhere: true } nobody] ? (MissCause.UnresolvedPatient, nobody.Mentions) : null;
        }

        if (asked.FindStrangers(bundle.Patients) is { Count: > 0 } strangers)
        {
            return (strangers.Count == bundle.Patients.Count ? MissCause.OtherPatient : MissCause.MixedSubjects,
                Places.Of(strangers.Select(stranger => stranger.Mentions).Append(bundle.UnresolvedSubjects)));
        }

        if (bundle.UnresolvedSubjects.Count > 0)
            return (MissCause.UnresolvedPatient, bundle.UnresolvedSubjects);
        return bundle.Patients.Count == 0 && bundle.Entries.Count > 0 ? (MissCause.NoPatient, Places.Of("Bundle.entry")) : null;
    }
}
