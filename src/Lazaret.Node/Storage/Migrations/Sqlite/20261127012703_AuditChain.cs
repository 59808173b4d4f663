using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class AuditChain : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "Proof",
                table: "Audit",
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AuditChain",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false),
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    Previous = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditChain", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "AuditCheckpoints",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false),
                    Hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Milliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    PublicKey = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Signature = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditCheckpoints", x => x.Number);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AuditChain_Sequence",
                table: "AuditChain",
                column: "Sequence",
                unique: true);

            // By hand: link 0 says how far the audit went before there was a chain. The node links those entries.
            migrationBuilder.Sql("INSERT INTO AuditChain (Number, Sequence, Previous, Hash) SELECT 0, -COALESCE(MAX(Sequence), 0), zeroblob(32), zeroblob(32) FROM Audit;");

            // By hand: both tables only grow, as the audit does. REPLACE deletes without firing the trigger against that.
            foreach (var (table, same) in new[] { ("AuditChain", "Number = NEW.Number OR Sequence = NEW.Sequence"), ("AuditCheckpoints", "Number = NEW.Number") })
            {
                foreach (var change in (string[])["UPDATE", "DELETE"])
                    migrationBuilder.Sql($"CREATE TRIGGER {table}_No{change} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;");
                migrationBuilder.Sql(
                    $"CREATE TRIGGER {table}_NoREPLACE BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
                    + "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;");
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AuditChain");

            migrationBuilder.DropTable(
                name: "AuditCheckpoints");

            // By hand: EF Core would make the table anew, without its triggers.
            migrationBuilder.Sql("ALTER TABLE Audit DROP COLUMN Proof;");
        }
    }
}
