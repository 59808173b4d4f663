using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Turns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_State_CreatedAt",
                table: "Jobs");

            migrationBuilder.AddColumn<int>(
                name: "HostFaults",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "NotBefore",
                table: "Jobs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Priority",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "Turn",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_State_Priority_Turn_CreatedAt",
                table: "Jobs",
                columns: new[] { "State", "Priority", "Turn", "CreatedAt" },
                descending: new[] { false, true, false, false });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_State_Priority_Turn_CreatedAt",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "HostFaults",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "NotBefore",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "Priority",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "Turn",
                table: "Jobs");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_State_CreatedAt",
                table: "Jobs",
                columns: new[] { "State", "CreatedAt" });
        }
    }
}
