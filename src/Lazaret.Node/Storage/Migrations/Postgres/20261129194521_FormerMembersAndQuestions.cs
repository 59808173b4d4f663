using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class FormerMembersAndQuestions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Asked",
                table: "ReviewVotes",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<List<string>>(
                name: "Former",
                table: "Projects",
                type: "text[]",
                nullable: false,
                // Of the projects that are there already.
                defaultValueSql: "'{}'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Asked",
                table: "ReviewVotes");

            migrationBuilder.DropColumn(
                name: "Former",
                table: "Projects");
        }
    }
}
