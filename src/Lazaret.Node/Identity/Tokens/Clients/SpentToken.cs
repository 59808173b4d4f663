using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.Tokens.Clients;

/// <summary>A token that a client has used, and must not use again. Only tokens whose signature holds are kept, and only until they expire.</summary>
public sealed class SpentToken
{
    /// <summary>The SHA-256 of the client and the token's <c>jti</c>, in hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<SpentToken>
    {
        public void Configure(EntityTypeBuilder<SpentToken> token)
        {
            token.ToTable("SpentTokens");
            token.HasIndex(t => t.ExpiresAt);
        }
    }
}

/// <summary>The table.</summary>
internal static class SpentTokensTable
{
    extension(LazaretDb db)
    {
        public DbSet<SpentToken> SpentTokens => db.Set<SpentToken>();
    }
}
