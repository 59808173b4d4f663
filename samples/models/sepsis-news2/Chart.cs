namespace SepsisNews2;

/// <summary>
/// Chart 1 of the RCP's report (National Early Warning Score 2, London 2017): the rows that are measured, with SpO2 scale 1.
/// Each row reads from the lowest band to the highest, as the chart does.
/// </summary>
public static class Chart
{
    public static ChartRow Respiration { get; } = new()
    {
        Code = "9279-1", Unit = "/min", Plausible = (0, 100),
        Bands = [UpTo(8, 3), UpTo(11, 1), UpTo(20, 0), UpTo(24, 2), Above(3)],
    };

    public static ChartRow OxygenSaturation { get; } = new()
    {
        Code = "59408-5", Unit = "%", Plausible = (30, 100),
        Bands = [UpTo(91, 3), UpTo(93, 2), UpTo(95, 1), Above(0)],
    };

    public static ChartRow SystolicPressure { get; } = new()
    {
        Code = "8480-6", Unit = "mm[Hg]", Plausible = (30, 320),
        Bands = [UpTo(90, 3), UpTo(100, 2), UpTo(110, 1), UpTo(219, 0), Above(3)],
    };

    public static ChartRow Pulse { get; } = new()
    {
        Code = "8867-4", Unit = "/min", Plausible = (10, 350),
        Bands = [UpTo(40, 3), UpTo(50, 1), UpTo(90, 0), UpTo(110, 1), UpTo(130, 2), Above(3)],
    };

    public static ChartRow Temperature { get; } = new()
    {
        Code = "8310-5", Unit = "Cel", Plausible = (25, 45), Decimals = 1,
        Bands = [UpTo(35.0m, 3), UpTo(36.0m, 1), UpTo(38.0m, 0), UpTo(39.0m, 1), Above(2)],
    };

    /// <summary>"Air or oxygen?": any flow is oxygen.</summary>
    public static ChartRow OxygenFlow { get; } = new()
    {
        Code = "3151-8", Unit = "L/min", Plausible = (0, 100), Decimals = 3,
        Bands = [UpTo(0, 0), Above(2)],
    };

    private static Band UpTo(decimal highest, int points) => new(highest, points);

    private static Band Above(int points) => new(decimal.MaxValue, points);
}
