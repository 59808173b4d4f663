using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>
/// What a person signs in with. Their name, role and revocation are those of the <see cref="RegisteredRequester"/> with the same id, so that no program and
/// no person can have one name.
/// </summary>
public sealed class Person : IdentityUser<Guid>
{
    /// <summary>The time step of the last code that was accepted. No code of that step or an earlier one is accepted again (RFC 6238, 5.2): one that somebody looked at is worth nothing.</summary>
    public long AcceptedStep { get; private set; }

    internal static Person Of(RegisteredRequester requester) => new()
    {
        Id = requester.Id,
        UserName = requester.Name,
        NormalizedUserName = Normalize(requester.Name),
        SecurityStamp = $"{Guid.NewGuid():N}",
    };

    /// <param name="acceptedStep">That of the code by which the person showed that their authenticator works.</param>
    internal void SetPassword(string hash, long acceptedStep) => (PasswordHash, AcceptedStep) = (hash, acceptedStep);

    /// <summary>Nothing signs this person in until they set something up.</summary>
    internal void Reset()
    {
        (PasswordHash, AcceptedStep, AccessFailedCount, LockoutEnd) = (null, 0, 0, null);
        (SecurityStamp, ConcurrencyStamp) = ($"{Guid.NewGuid():N}", $"{Guid.NewGuid()}");
    }

    /// <summary>As the framework's normalizer does it.</summary>
    internal static string Normalize(string name) => name.Normalize().ToUpperInvariant();

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Person>
    {
        public void Configure(EntityTypeBuilder<Person> person)
        {
            person.ToTable("People");
            person.Property(p => p.Id).ValueGeneratedNever();
            person.HasOne<RegisteredRequester>().WithOne().HasForeignKey<Person>(p => p.Id);
            person.HasIndex(p => p.NormalizedUserName).IsUnique();
            person.Property(p => p.ConcurrencyStamp).IsConcurrencyToken();
            person.Ignore(p => p.Email).Ignore(p => p.NormalizedEmail).Ignore(p => p.EmailConfirmed).Ignore(p => p.PhoneNumber).Ignore(p => p.PhoneNumberConfirmed)
                .Ignore(p => p.TwoFactorEnabled).Ignore(p => p.LockoutEnabled);
        }
    }

    /// <summary>How a passkey is stored: the framework's record, of which nothing is secret.</summary>
    internal sealed class PasskeyMapping : IEntityTypeConfiguration<IdentityUserPasskey<Guid>>
    {
        public void Configure(EntityTypeBuilder<IdentityUserPasskey<Guid>> passkey)
        {
            passkey.ToTable("Passkeys");
            passkey.HasKey(p => p.CredentialId);
            passkey.OwnsOne(p => p.Data).ToJson();
            passkey.HasOne<Person>().WithMany().HasForeignKey(p => p.UserId);
        }
    }
}

/// <summary>The tables.</summary>
internal static class PeopleTables
{
    extension(LazaretDb db)
    {
        public DbSet<Person> People => db.Set<Person>();

        public DbSet<IdentityUserPasskey<Guid>> Passkeys => db.Set<IdentityUserPasskey<Guid>>();
    }
}
