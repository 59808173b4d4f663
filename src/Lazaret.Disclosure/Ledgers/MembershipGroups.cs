namespace Lazaret.Disclosure.Ledgers;

/// <summary>Subjects grouped by membership history: two subjects are in one group when every released cohort had both or neither of them.</summary>
internal sealed class MembershipGroups(IReadOnlyList<MembershipGroups.Group> groups)
{
    public IReadOnlyList<Group> Groups => groups;

    public MembershipGroups With(SubjectSet cohort)
    {
        var refined = new List<Group>(groups.Count);
        foreach (var group in groups)
        {
            int[] inside = [.. group.Subjects.Where(cohort.Contains)];
            if (inside.Length == 0 || inside.Length == group.Subjects.Length)
            {
                refined.Add(group);
                continue;
            }

            refined.Add(new Group(inside));
            refined.Add(new Group([.. group.Subjects.Where(subject => !cohort.Contains(subject))]));
        }

        return new MembershipGroups(refined);
    }

    /// <summary>The groups with new subjects, who join those who were never in any cohort.</summary>
    public MembershipGroups WithSubjects(int from, int count, SubjectSet reached)
    {
        var newcomers = Enumerable.Range(from, count);
        var never = groups.FirstOrDefault(group => !reached.Contains(group.Subjects[0]));
        return new MembershipGroups([.. groups.Where(group => group != never), new Group([.. never?.Subjects ?? [], .. newcomers])]);
    }

    internal sealed class Group(int[] subjects)
    {
        public int[] Subjects => subjects;

        /// <summary>1ᵀS1 over the group; null until it is needed for the first time.</summary>
        public double? Variance { get; set; }
    }
}
