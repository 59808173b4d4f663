namespace SepsisNews2;

/// <summary>NEWS2 on SpO2 scale 1.</summary>
public static class News2
{
    public static News2Score Score(Vitals vitals)
    {
        ReadOnlySpan<int> points =
        [
            Chart.Respiration.Points(vitals.Respiration),
            Chart.OxygenSaturation.Points(vitals.OxygenSaturation),
            Chart.OxygenFlow.Points(vitals.OxygenFlow ?? 0),
            Chart.SystolicPressure.Points(vitals.SystolicPressure),
            Chart.Pulse.Points(vitals.Pulse),
            vitals.Consciousness is null or Consciousness.Alert ? 0 : 3,
            Chart.Temperature.Points(vitals.Temperature),
        ];

        var total = 0;
        foreach (var parameter in points)
            total += parameter;

        return new News2Score(total, points.Contains(3), vitals is { OxygenFlow: not null, Consciousness: not null });
    }
}
