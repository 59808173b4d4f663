using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Sqlite
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
                type: "TEXT",
                nullable: true);

            // What the jobs run that are not over.
            migrationBuilder.Sql("""
                UPDATE Jobs SET Program = COALESCE(json_extract(Request, '$.Model'), json_extract(Request, '$.Task')) || COALESCE('@' || json_extract(Request, '$.Version'), '')
                WHERE State IN ('Queued', 'Running', 'Held')
                """);

            migrationBuilder.CreateTable(
                name: "KnownKeys",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Fingerprint = table.Column<string>(type: "TEXT", nullable: false),
                    AddedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    IsPrimary = table.Column<bool>(type: "INTEGER", nullable: false)
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
