using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>By what a certificate is registered.</summary>
internal static class ClientCertificate
{
    private const int LongestSubject = 1000;

    /// <summary>SHA-256 of its DER form, as OpenSSL computes it, in lower-case hexadecimal digits without colons.</summary>
    public static string FingerprintOf(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLower(CultureInfo.InvariantCulture);

    /// <summary>Its distinguished name as text, in which values with separators are quoted; so no two names have the same.</summary>
    public static string SubjectOf(X509Certificate2 certificate) => certificate.SubjectName.Name;

    /// <summary>A distinguished name as <see cref="SubjectOf"/> writes it.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static string ReadSubject(string text)
    {
        try
        {
            // Encoded and decoded: the name alone would be the text as it was written.
            var subject = new X500DistinguishedName(new X500DistinguishedName(text).RawData);
            if (subject.Name is { Length: > 0 and <= LongestSubject } name && !subject.EnumerateRelativeDistinguishedNames().Any(IsBlank))
                return name;
        }
        catch (CryptographicException)
        {
            // Told below.
        }

        throw new InputException($"--certificate-subject: '{text}' is no distinguished name like CN=bot, O=Hospital, C=DE of {LongestSubject} characters at most");
    }

    // Of a part with several values (CN=bot+OU=ward) the framework gives none singly; they are not looked at.
    private static bool IsBlank(X500RelativeDistinguishedName part) => !part.HasMultipleElements && string.IsNullOrWhiteSpace(part.GetSingleElementValue());
}
