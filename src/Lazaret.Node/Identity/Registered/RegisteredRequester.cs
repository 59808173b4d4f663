using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.Registered;

/// <summary>A program or person that this node knows by name. The row stays when it is revoked: jobs and audit entries carry its name.</summary>
public sealed class RegisteredRequester
{
    // For EF Core, which fills the properties.
    private RegisteredRequester()
    {
    }

    public Guid Id { get; private init; }

    public string Name { get; private init; } = "";

    public Roles Role { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public static RegisteredRequester Of(string name, Roles role, DateTimeOffset now) => new() { Id = Guid.CreateVersion7(now), Name = name, Role = role, CreatedAt = now };

    public void Become(Roles role) => Role = role;

    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<RegisteredRequester>
    {
        public void Configure(EntityTypeBuilder<RegisteredRequester> requester)
        {
            requester.ToTable("Requesters");
            requester.HasIndex(r => r.Name).IsUnique();
        }
    }
}

/// <summary>The table.</summary>
internal static class RequestersTable
{
    extension(LazaretDb db)
    {
        public DbSet<RegisteredRequester> Requesters => db.Set<RegisteredRequester>();
    }
}
