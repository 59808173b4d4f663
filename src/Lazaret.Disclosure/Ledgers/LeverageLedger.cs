using System.Numerics.Tensors;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>
/// What all answers about the outcomes of one family tell together (control C3): the posterior covariance S of N subjects' standardised
/// outcomes, prior I, for an attacker who knows every scan and every answer. A row w with variance v changes it by S ← S − ggᵀ/(wᵀg + v),
/// g = Sw; ℓᵢ = 1 − Sᵢᵢ. Under an independent Gaussian prior nobody's estimate of subject i correlates better than √ℓᵢ with the outcome.
/// The order of charges does not matter. Not safe for several threads.
/// </summary>
/// <remarks>
/// Up to a number of subjects S itself is stored. Beyond it, S = I − Q(I − Σ)Qᵀ: an orthonormal basis Q of the rows so far, and the covariance
/// Σ along it, are stored. Both are the same arithmetic in other coordinates. A row then takes N·r multiplications for r independent rows, not N².
/// </remarks>
public sealed class LeverageLedger
{
    private readonly int _denseUpTo;
    private readonly SymmetricMatrix _covariance = new();
    private readonly Dictionary<int, double[]> _covarianceRows = [];
    private SubjectBasis? _basis;
    private MembershipGroups _groups = new([]);
    private double[] _leverages = [];
    private long _version;

    /// <param name="subjects">How many subjects there are now; <see cref="Grow"/> adds more.</param>
    public LeverageLedger(int subjects)
        : this(subjects, denseUpTo: 1024)
    {
    }

    internal LeverageLedger(int subjects, int denseUpTo)
    {
        _denseUpTo = denseUpTo;
        Grow(subjects);
    }

    /// <summary>N: all subjects ever seen.</summary>
    public int Subjects => _leverages.Length;

    /// <summary>ℓ of every subject, in [0, 1].</summary>
    public IReadOnlyList<double> Leverages => _leverages;

    /// <summary>The largest ℓ; 0 without subjects.</summary>
    public double MaxLeverage => _leverages.Length == 0 ? 0 : TensorPrimitives.Max<double>(_leverages);

    /// <summary>Bits told so far, by the chain rule: never more than the joint information.</summary>
    public double Bits { get; private set; }

    /// <summary>The subjects who were in any cohort.</summary>
    public SubjectSet Reached { get; private set; } = SubjectSet.Empty;

    /// <summary>New subjects enter with ℓ = 0: nothing was ever told about them.</summary>
    public void Grow(int subjects)
    {
        var newcomers = subjects - Subjects;
        if (newcomers <= 0)
            return;
        if (_basis is null && subjects > _denseUpTo)
            _basis = SubjectBasis.OfSubjects(_covariance.Size);
        if (_basis is null)
            _covariance.Grow(subjects);
        _groups = _groups.WithSubjects(Subjects, newcomers, Reached);
        Array.Resize(ref _leverages, subjects);
        _covarianceRows.Clear();
        _version++;
    }

    /// <summary>What the ledger would say after the charges, which are one decision. It changes nothing.</summary>
    public LedgerTrial Try(IReadOnlyList<LedgerCharge> charges, LedgerLimits limits)
    {
        var update = Prepare(charges);
        var mostExposed = TensorPrimitives.IndexOfMax<double>(update.Leverages);
        var (groupLeverage, group) = MaxOfGroups(charges, update, limits);
        var trial = new LedgerTrial
        {
            MaxLeverage = update.Leverages[mostExposed],
            MostExposed = mostExposed,
            MaxGroupLeverage = groupLeverage,
            MostExposedGroup = group,
            Bits = update.Bits,
            BitsAfter = Bits + update.Bits,
            Update = update,
        };
        if (trial.MaxLeverage > limits.Leverage)
            return trial with { Rule = BlockRule.Leverage };
        if (trial.MaxGroupLeverage > limits.Leverage)
            return trial with { Rule = BlockRule.GroupLeverage };
        trial = trial with { MaxPairLeverage = MaxOfPairs(update, limits.Pair) };
        if (trial.MaxPairLeverage > limits.Pair)
            return trial with { Rule = BlockRule.PairLeverage };
        return trial.BitsAfter > limits.BitsPerSubject * update.Reached.Count ? trial with { Rule = BlockRule.Bits } : trial;
    }

    /// <summary>Adds charges without a limit: those of a release that happened.</summary>
    public void Add(IReadOnlyList<LedgerCharge> charges) => Add(Prepare(charges), charges);

    /// <summary>Adds charges that were tried, without computing their effect again.</summary>
    /// <param name="charges">Those that were tried.</param>
    /// <exception cref="InvalidOperationException">The ledger has changed since.</exception>
    public void Add(LedgerTrial trial, IReadOnlyList<LedgerCharge> charges) => Add(trial.Update, charges);

    private void Add(LedgerUpdate update, IReadOnlyList<LedgerCharge> charges)
    {
        if (update.Version != _version)
            throw new InvalidOperationException("The ledger has changed since this was tried.");
        if (_basis is not null)
        {
            _basis.Add(update.Beyond);
            _covariance.Grow(_basis.Size);
        }

        foreach (var (g, d) in update.Steps)
            _covariance.Subtract(g, d);
        foreach (var (subject, row) in _covarianceRows)
        {
            for (var t = 0; t < update.Over.Length; t++)
                TensorPrimitives.MultiplyAdd(update.Over[t], -update.Over[t][subject] / update.Steps[t].D, row, row);
        }

        foreach (var charge in charges)
            _groups = _groups.With(charge.Cohort);
        foreach (var group in _groups.Groups)
        {
            if (group.Variance is { } variance)
                group.Variance = variance - update.LossOfSum(group.Subjects);
        }

        (_leverages, Reached) = (update.Leverages, update.Reached);
        Bits += update.Bits;
        _version++;
    }

    private LedgerUpdate Prepare(IReadOnlyList<LedgerCharge> charges)
    {
        LedgerRow[] rows = [.. charges.SelectMany(charge => charge.RowsWithMean)];
        double[][] over = [.. charges.SelectMany(charge => charge.RowsWithMean.Select(row => OverAll(charge.Cohort, row)))];
        var (coordinates, beyond) = _basis is null ? (over, []) : _basis.Resolve(over);
        var steps = new List<(double[] G, double D)>(rows.Length);
        var bits = charges.Sum(charge => charge.Bits);
        for (var t = 0; t < rows.Length; t++)
        {
            var g = _covariance.Times(coordinates[t]);
            foreach (var (earlier, d) in steps)
                TensorPrimitives.MultiplyAdd(earlier, -TensorPrimitives.Dot<double>(earlier, coordinates[t]) / d, g, g);
            var told = Math.Max(0, TensorPrimitives.Dot<double>(coordinates[t], g));
            if (!rows[t].IsKnown)
                bits += Math.Log2(1 + told / rows[t].Variance) / 2;
            steps.Add((g, told + rows[t].Variance));
        }

        double[][] gs = [.. steps.Select(step => step.G)];
        var changes = _basis is null ? gs : _basis.Expand(gs, beyond, Subjects);
        var leverages = _leverages.ToArray();
        for (var t = 0; t < changes.Length; t++)
        {
            for (var i = 0; i < leverages.Length; i++)
                leverages[i] = Math.Min(1, leverages[i] + changes[t][i] * changes[t][i] / steps[t].D);
        }

        var reached = charges.Aggregate(Reached, (all, charge) => all.Union(charge.Cohort));
        return new LedgerUpdate(_version, steps, changes, beyond, leverages, bits, reached);
    }

    private double[] OverAll(SubjectSet cohort, LedgerRow row)
    {
        if (cohort.End > Subjects)
            throw new ArgumentException("The cohort holds subjects that the ledger does not know.", nameof(cohort));
        var over = new double[Subjects];
        var i = 0;
        foreach (var subject in cohort)
            over[subject] = row.Weights[i++];
        return over;
    }

    private (double Leverage, IReadOnlyList<int> Group) MaxOfGroups(IReadOnlyList<LedgerCharge> charges, LedgerUpdate update, LedgerLimits limits)
    {
        var groups = charges.Aggregate(_groups, (all, charge) => all.With(charge.Cohort));
        MembershipGroups.Group[] small = [.. groups.Groups.Where(group => group.Subjects.Length < limits.MinimumCohort)];
        FindVariances([.. small.Where(group => group.Variance is null)]);
        (double Leverage, IReadOnlyList<int> Group) most = (0, []);
        foreach (var group in small)
        {
            var variance = group.Variance!.Value - update.LossOfSum(group.Subjects);
            var leverage = Math.Clamp(1 - variance / group.Subjects.Length, 0, 1);
            if (leverage > most.Leverage)
                most = (leverage, group.Subjects);
        }

        return most;
    }

    /// <summary>Computes 1ᵀS1 of new groups; every later charge updates it.</summary>
    private void FindVariances(MembershipGroups.Group[] groups)
    {
        foreach (var group in groups.Where(group => group.Subjects.Length == 1))
            group.Variance = 1 - _leverages[group.Subjects[0]];
        MembershipGroups.Group[] larger = [.. groups.Where(group => group.Subjects.Length > 1)];
        if (_basis is null)
        {
            foreach (var group in larger)
                group.Variance = group.Subjects.Sum(i => group.Subjects.Sum(j => _covariance[i, j]));
            return;
        }

        double[][] along = [.. larger.Select(group => _basis.CoordinatesOf(group.Subjects))];
        var known = _covariance.Quadratics(along);
        for (var i = 0; i < larger.Length; i++)
            larger[i].Variance = larger[i].Subjects.Length - TensorPrimitives.SumOfSquares<double>(along[i]) + known[i];
    }

    /// <summary>(ℓᵢ + ℓⱼ)/2 + |Sᵢⱼ|, the larger ℓ of (eᵢ ± eⱼ)/√2, for pairs whose ℓ add up to more than the limit.</summary>
    private double MaxOfPairs(LedgerUpdate update, double limit)
    {
        var (leverages, most) = (update.Leverages, 0.0);
        // In such a pair, one subject has more than half of the limit.
        int[] exposed = [.. Enumerable.Range(0, leverages.Length).Where(i => leverages[i] > limit / 2)];
        if (_basis is not null)
            KeepCovarianceRows(exposed, _basis);
        foreach (var i in exposed)
        {
            var row = _basis is null ? null : _covarianceRows[i];
            for (var j = 0; j < leverages.Length; j++)
            {
                if (i == j || leverages[i] + leverages[j] <= limit)
                    continue;
                var covariance = (row is null ? _covariance[i, j] : row[j]) - update.Loss(i, j);
                most = Math.Max(most, Math.Min(1, (leverages[i] + leverages[j]) / 2 + Math.Abs(covariance)));
            }
        }

        return most;
    }

    /// <summary>
    /// Computes rows Sᵢ· and stores them: a subject with much leverage is looked at in every trial, since ℓ never falls. Several subjects share one pass over the
    /// basis.
    /// </summary>
    private void KeepCovarianceRows(int[] subjects, SubjectBasis basis)
    {
        foreach (var some in subjects.Where(subject => !_covarianceRows.ContainsKey(subject)).Chunk(32))
        {
            var changes = Array.ConvertAll(some, subject =>
            {
                var along = basis.CoordinatesOf([subject]);
                var change = _covariance.Times(along);
                TensorPrimitives.Subtract(change, along, change);
                return change;
            });
            foreach (var (subject, row) in some.Zip(basis.Expand(changes, [], Subjects)))
            {
                row[subject]++;
                _covarianceRows[subject] = row;
            }
        }
    }
}
