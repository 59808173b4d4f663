using System.Globalization;

namespace Lazaret.Node.Cli.Printing;

/// <summary>Instants in tables, in UTC.</summary>
internal static class Instants
{
    public static string ToMinute(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    public static string ToSecond(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
