using System.Globalization;

namespace Lazaret.Node.Programs;

/// <summary>A version as <c>MAJOR.MINOR.PATCH</c>.</summary>
public readonly record struct ProgramVersion(int Major, int Minor, int Patch) : IComparable<ProgramVersion>
{
    public static ProgramVersion? Parse(string text)
    {
        var parts = text.Split('.');
        var numbers = new int[3];
        if (parts.Length != 3)
            return null;
        for (var i = 0; i < 3; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }

        return new ProgramVersion(numbers[0], numbers[1], numbers[2]);
    }

    public int CompareTo(ProgramVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
}
