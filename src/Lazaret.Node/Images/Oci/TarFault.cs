namespace Lazaret.Node.Images.Oci;

/// <summary>The framework's tar reader throws many kinds of exceptions for bytes that are no tar file. Here they become one.</summary>
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
