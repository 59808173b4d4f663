using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Postgres
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
                type: "bytea",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AuditChain",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    Previous = table.Column<byte[]>(type: "bytea", nullable: false),
                    Hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditChain", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "AuditCheckpoints",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    Hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Milliseconds = table.Column<long>(type: "bigint", nullable: false),
                    PublicKey = table.Column<byte[]>(type: "bytea", nullable: false),
                    Signature = table.Column<byte[]>(type: "bytea", nullable: false)
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
            migrationBuilder.Sql(
                "INSERT INTO \"AuditChain\" (\"Number\", \"Sequence\", \"Previous\", \"Hash\") " +
                "SELECT 0, -COALESCE(MAX(\"Sequence\"), 0), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex') FROM \"Audit\";");

            // By hand: both tables only grow, as the audit does.
            foreach (var table in (string[])["AuditChain", "AuditCheckpoints"])
            {
                migrationBuilder.Sql(
                    $"CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON \"{table}\" " +
                    "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();");
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AuditChain");

            migrationBuilder.DropTable(
                name: "AuditCheckpoints");

            migrationBuilder.DropColumn(
                name: "Proof",
                table: "Audit");
        }
    }
}
