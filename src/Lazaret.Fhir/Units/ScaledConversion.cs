namespace Lazaret.Fhir.Units;

/// <summary>From or to a logarithm, a tangent or a root, in doubles.</summary>
internal sealed class ScaledConversion(Meaning from, Meaning to, Ratio factor)
{
    private const double Smallest = 1e-12;
    private const double Largest = 7e28;

    private readonly UnitScale? _from = from.Special?.Scale;
    private readonly UnitScale? _to = to.Special?.Scale;
    private readonly double _fromAlpha = (double)(from.Special?.Alpha ?? Ratio.One);
    private readonly double _toAlpha = (double)(to.Special?.Alpha ?? Ratio.One);
    private readonly double _factor = (double)factor;
    private readonly decimal? _factorDecimal = factor.ToDecimal();

    public bool TryConvert(decimal value, out decimal converted)
    {
        var number = (double)value * _factor;
        // Near its zeros and poles a function wants more digits than a double has.
        var exact = _factorDecimal is { } times && Math.Abs((double)value) < Largest && Math.Abs(number) < Largest ? value * times : default(decimal?);
        var result = Evaluate((double)value, number, exact);
        var fits = result == 0 || Math.Abs(result) is >= Smallest and < Largest;
        converted = fits ? (decimal)result : 0;
        return fits;
    }

    /// <summary>Null where the function has no value, or one beyond a double's range.</summary>
    public double? Convert(Ratio value)
    {
        var number = value * factor;
        var result = Evaluate((double)value, (double)number, number.ToDecimal());
        return double.IsFinite(result) ? result : null;
    }

    private double Evaluate(double value, double number, decimal? exact)
    {
        if (_from is null)
            return _to!.Apply(number, exact) / _toAlpha;
        if (_from is UnitScale.Logarithm logarithm && _to is UnitScale.Logarithm other)
            return ((logarithm.LogOf(value * _fromAlpha) + Math.Log(_factor)) * other.OfLog) / _toAlpha;
        var quantity = _from.Invert(value * _fromAlpha) * _factor;
        return _to is null ? quantity : _to.Apply(quantity, exact: null) / _toAlpha;
    }
}
