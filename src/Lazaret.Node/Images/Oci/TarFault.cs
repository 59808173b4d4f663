namespace Lazaret.Node.Images.Oci;

/// <summary>The reader of tar has many ways to say that bytes are none.</summary>
internal static class TarFault
{
    public static T Guard<T>(Func<T> read, string message)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or NotSupportedException or InvalidOperationException or EndOfStreamException)
        {
            throw new InvalidDataException(message, e);
        }
    }
}
