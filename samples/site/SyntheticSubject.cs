namespace Lazaret.SampleSite;

/// <param name="Id">Says nothing about the order in which subjects were drawn.</param>
/// <param name="Diagnosis">PD, OCD or ET.</param>
/// <param name="Sex">F or M.</param>
/// <param name="Loading">How strongly the connectivity follows the network; mean 0 and variance 1 in each diagnosis.</param>
/// <param name="FollowUps">The visits after baseline, in order.</param>
internal sealed record SyntheticSubject(string Id, string Diagnosis, int Age, string Sex, double Loading, IReadOnlyList<FollowUp> FollowUps);

/// <summary>Changes since baseline; null if not recorded.</summary>
internal sealed record FollowUp(string Visit, double? UpdrsChange, double? YbocsChange);
