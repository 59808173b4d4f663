using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>Checks a bundle for what a model requires. Pure: the same three arguments give the same answer.</summary>
public static class Negotiator
{
    private static readonly string[] DataTypes = ["collection", "document", "searchset"];

    /// <summary>
    /// 1. A bundle that must not be used as data is refused whole.
    /// 2. Each requirement collects the entries with its code, as itself or as a component.
    /// 3. Each entry is checked until its first fault; the newest one without a fault is chosen.
    /// 4. If several entries have the newest time but different values, none of them is chosen.
    /// 5. If no entry is chosen, the entry that came nearest gives the cause: the one whose fault is last in <see cref="MissCause"/>.
    /// </summary>
    /// <param name="requirements">Without faults: see <see cref="Requirement.FaultsOf"/>.</param>
    public static Negotiation Negotiate(IReadOnlyList<Requirement> requirements, FhirBundle bundle, DateTimeOffset now)
    {
        // 1.
        if (WhyRefused(bundle) is { } refusal)
            return Refuse(requirements, refusal, now);

        var missing = new List<MissingItem>();
        var chosen = new List<ChosenItem>();
        foreach (var requirement in requirements)
        {
            // 2.–5.
            switch (Choose(requirement, bundle, now))
            {
                case (_, { } item):
                    chosen.Add(item);
                    break;
                case (var cause, null):
                    missing.Add(Missing(requirement, cause, now));
                    break;
            }
        }

        return missing.Exists(item => item.Requirement.Mandatory)
            ? new Negotiation.DataRequired(missing, chosen)
            : new Negotiation.Satisfied(missing, chosen);
    }

    /// <summary>The answer when the bundle as a whole is no use: <see cref="MissCause.InvalidBundle"/> for one that was not even read.</summary>
    public static Negotiation.Refused Refuse(IReadOnlyList<Requirement> requirements, MissCause cause, DateTimeOffset now) =>
        new(cause, [.. requirements.Select(requirement => Missing(requirement, cause, now))]);

    private static MissCause? WhyRefused(FhirBundle bundle) =>
        !DataTypes.Contains(bundle.Type) ? MissCause.BundleType
        : bundle.HasModifier ? MissCause.BundleModifier
        : bundle.Patients.Count > 1 ? MissCause.MixedSubjects
        : null;

    private static (MissCause Cause, ChosenItem? Item) Choose(Requirement requirement, FhirBundle bundle, DateTimeOffset now)
    {
        var nearest = MissCause.NoMatch;
        ChosenItem? newest = null;
        var contradicted = false;
        foreach (var candidate in Candidate.Of(requirement, bundle.Entries))
        {
            var (fault, item) = candidate.Check(requirement, now);
            if (item is null)
            {
                nearest = (MissCause)Math.Max((int)nearest, (int)fault);
                continue;
            }

            var age = newest is null ? 1 : Nullable.Compare(item.Effective, newest.Effective);
            if (age > 0)
                (newest, contradicted) = (item, false);
            else if (age == 0)
                contradicted |= item.Value != newest!.Value;
        }

        return contradicted ? (MissCause.Conflict, null) : (nearest, newest);
    }

    private static MissingItem Missing(Requirement requirement, MissCause cause, DateTimeOffset now) =>
        new(requirement, cause, SearchQuery.Of(requirement, now));
}
