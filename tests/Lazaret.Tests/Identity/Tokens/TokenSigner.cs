using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.Identity.Tokens;

/// <summary>Signs JSON Web Tokens without the library that the node verifies them with; and makes what no honest issuer would.</summary>
internal sealed class TokenSigner
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;

    private TokenSigner(string kid, string algorithm, RSA? rsa, ECDsa? ec) => (Kid, Algorithm, _rsa, _ec) = (kid, algorithm, rsa, ec);

    public string Kid { get; }

    public string Algorithm { get; }

    /// <param name="algorithm">RS256, RS384, PS256, ES256, ES384.</param>
    public static TokenSigner Make(string kid, string algorithm = "ES384", int bits = 2048) => algorithm[0] == 'E'
        ? new TokenSigner(kid, algorithm, null, ECDsa.Create(algorithm == "ES256" ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384))
        : new TokenSigner(kid, algorithm, RSA.Create(bits), null);

    public static string Jwks(params IEnumerable<TokenSigner> signers) => new JsonObject { ["keys"] = new JsonArray([.. signers.Select(signer => signer.Jwk())]) }.ToJsonString();

    public static long In(int seconds) => TimeProvider.System.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    /// <summary>Its public part.</summary>
    public JsonObject Jwk()
    {
        if (_rsa is not null)
        {
            var rsa = _rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject { ["kty"] = "RSA", ["kid"] = Kid, ["use"] = "sig", ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) };
        }

        var point = _ec!.ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject { ["kty"] = "EC", ["kid"] = Kid, ["crv"] = Algorithm == "ES256" ? "P-256" : "P-384", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    public JsonObject PrivateJwk()
    {
        var jwk = Jwk();
        jwk["d"] = Base64Url.EncodeToString(_ec!.ExportParameters(includePrivateParameters: true).D);
        return jwk;
    }

    public string Pem() => _rsa?.ExportPkcs8PrivateKeyPem() ?? _ec!.ExportPkcs8PrivateKeyPem();

    /// <param name="header">Members that replace or join <c>alg</c>, <c>kid</c>, <c>typ</c>; null removes.</param>
    public string Sign(JsonObject claims, params IEnumerable<(string Name, JsonNode? Value)> header)
    {
        var content = Content(claims, header);
        var bytes = Encoding.ASCII.GetBytes(content);
        var hash = Algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        var signature = _rsa?.SignData(bytes, hash, Algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1) ?? _ec!.SignData(bytes, hash);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>With the algorithm <c>none</c>, in some spelling.</summary>
    public string Unsigned(JsonObject claims, string none = "none") => $"{Content(claims, [("alg", none)])}.";

    /// <summary>HS256 with a text that everybody knows as the secret: the public key.</summary>
    public IEnumerable<string> SignedWithThePublicKey(JsonObject claims)
    {
        var content = Content(claims, [("alg", "HS256")]);
        foreach (var secret in new[] { _rsa?.ExportSubjectPublicKeyInfoPem() ?? _ec!.ExportSubjectPublicKeyInfoPem(), Jwk().ToJsonString() })
            yield return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(content)))}";
    }

    private string Content(JsonObject claims, IEnumerable<(string Name, JsonNode? Value)> header)
    {
        var head = new JsonObject { ["alg"] = Algorithm, ["kid"] = Kid, ["typ"] = "JWT" };
        foreach (var (name, value) in header)
        {
            if (value is null)
                head.Remove(name);
            else
                head[name] = value;
        }

        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
    }
}
