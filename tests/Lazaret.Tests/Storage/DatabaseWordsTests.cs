using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Storage;

public sealed class DatabaseWordsTests
{
    [Theory]
    [InlineData(10, "the disk is full or fails", false)]
    [InlineData(13, "the disk is full or fails", false)]
    [InlineData(8, "it may not be opened or written", false)]
    [InlineData(14, "it may not be opened or written", false)]
    [InlineData(11, "it is damaged", true)]
    [InlineData(26, "it is damaged", true)]
    public void A_backup_is_put_in_the_place_of_a_damaged_database_alone(int code, string begins, bool restores)
    {
        var mend = DatabaseWords.MendOf(new DbUpdateException("wrapped", new SqliteException("said", code)))!;
        Assert.StartsWith(begins, mend, StringComparison.Ordinal);
        Assert.Equal(restores, mend.Contains("lazaret restore", StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_disk_is_named_whoever_wrote_to_it() =>
        Assert.Contains("make room", DatabaseWords.MendOf(new DbUpdateException("wrapped", new IOException("No space left on device", 28))), StringComparison.Ordinal);

    [Fact]
    public void Of_what_SQLite_does_not_name_nothing_is_known()
    {
        Assert.Null(DatabaseWords.MendOf(new SqliteException("SQL logic error", 1)));
        Assert.Null(DatabaseWords.MendOf(new TimeoutException()));
    }

    [Theory]
    [InlineData("28P01", "ALTER ROLE")]
    [InlineData("53300", "max_connections")]
    [InlineData("3D000", "lazaret restore FILE")]
    [InlineData("25006", "the primary")]
    public void What_mends_a_refusal_of_the_server_is_not_to_start_it(string state, string mend)
    {
        var said = DatabaseWords.MendOf(new InvalidOperationException("wrapped", new Npgsql.PostgresException("no", "FATAL", "FATAL", state)))!;
        Assert.Contains(mend, said, StringComparison.Ordinal);
        Assert.DoesNotContain("systemctl start", said, StringComparison.Ordinal);
    }
}
