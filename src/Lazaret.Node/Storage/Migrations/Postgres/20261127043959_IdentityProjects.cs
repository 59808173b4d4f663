using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class IdentityProjects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Project",
                table: "Jobs",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Projects",
                columns: table => new
                {
                    Key = table.Column<string>(type: "text", nullable: false),
                    Title = table.Column<string>(type: "text", nullable: false),
                    Purpose = table.Column<string>(type: "text", nullable: false),
                    Members = table.Column<List<string>>(type: "text[]", nullable: false),
                    Tasks = table.Column<List<string>>(type: "text[]", nullable: false),
                    Scores = table.Column<List<string>>(type: "text[]", nullable: false),
                    Outcomes = table.Column<List<string>>(type: "text[]", nullable: false),
                    Masks = table.Column<List<string>>(type: "text[]", nullable: false),
                    Models = table.Column<List<string>>(type: "text[]", nullable: false),
                    MinimumCohort = table.Column<int>(type: "integer", nullable: false),
                    Quota = table.Column<int>(type: "integer", nullable: false),
                    Until = table.Column<DateOnly>(type: "date", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ClosedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Projects", x => x.Key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Project_CreatedAt",
                table: "Jobs",
                columns: new[] { "Project", "CreatedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Projects");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_Project_CreatedAt",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "Project",
                table: "Jobs");
        }
    }
}
