using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class KeysAndPrograms : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Program",
                table: "Jobs",
                type: "text",
                nullable: true);

            // What the jobs run that are not over.
            migrationBuilder.Sql("""
                UPDATE "Jobs" SET "Program" = COALESCE("Request"::json ->> 'Model', "Request"::json ->> 'Task') || COALESCE('@' || ("Request"::json ->> 'Version'), '')
                WHERE "State" IN ('Queued', 'Running', 'Held')
                """);

            migrationBuilder.CreateTable(
                name: "KnownKeys",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false),
                    Fingerprint = table.Column<string>(type: "text", nullable: false),
                    AddedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    IsPrimary = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_KnownKeys", x => x.Id);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "KnownKeys");

            migrationBuilder.DropColumn(
                name: "Program",
                table: "Jobs");
        }
    }
}
