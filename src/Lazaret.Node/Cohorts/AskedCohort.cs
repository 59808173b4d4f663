using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;
using Lazaret.Disclosure;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Cohorts;

/// <summary>A cohort job with what it is asked of.</summary>
internal sealed record AskedCohort
{
    public required Job Job { get; init; }

    public required CohortRequest Request { get; init; }

    public required Project? Project { get; init; }

    /// <summary>The state of the data that the run was prepared with.</summary>
    public required CohortSnapshot Data { get; init; }

    public required CohortQuery Query { get; init; }

    public required CohortSelection Selection { get; init; }

    /// <summary>
    /// How many arrays of one value per row the sandbox returns. For maps: one per map, plus the mean map or the surrogates. For a cross-validation: the
    /// predictions, the rows of Reach if given, and the predictions of permuted outcomes. For an R-map: the weights of each parcel.
    /// </summary>
    public int Columns => (Query.Folds, Query.Null) switch
    {
        _ when Query.Parcellation is not null => Parcels.Count,
        (not null, _) => CohortPrediction.Columns(Query, Selection) + Draws,
        (_, NullModel.Degree) => Request.Maps + 1,
        (_, NullModel.Spatial) => Request.Maps + Draws,
        _ => Request.Maps,
    };

    /// <summary>Of the R-map that is asked for.</summary>
    public IReadOnlyList<Parcel> Parcels => Data.View.Parcellations.First(known => known.Name == Query.Parcellation).Parcels;

    /// <summary>How often the sandbox computes anew what the null model asks for: surrogates of the map, or cross-validations of permuted outcomes.</summary>
    public required int Draws { get; init; }

    /// <inheritdoc cref="CohortSelection.ColumnsShown"/>
    /// <returns>Null where the policy hides no small cells.</returns>
    public int? ColumnsShown(DisclosurePolicy policy) =>
        policy.Has(DisclosureControlName.C1) ? CohortSelection.ColumnsShown(Data.View, Query, Data.CatalogOf(policy.MinimumCohort)) : null;

    /// <summary>Who the rows are.</summary>
    public required RowSubjects Subjects { get; init; }

    /// <summary>The node's secret for draws.</summary>
    public required byte[] Key { get; init; }

    /// <summary>
    /// The name of this state of the data outside of the node. It is made with the secret: whoever knows the tables but for a few values could otherwise try them all,
    /// until the digest is right.
    /// </summary>
    public string DataVersion => $"sha256:{Convert.ToHexStringLower(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes($"data\n{Data.Version}")))}";
}
