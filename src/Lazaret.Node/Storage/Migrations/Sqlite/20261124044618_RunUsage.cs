using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RunUsage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "CpuMilliseconds",
                table: "Runs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PeakMemory",
                table: "Runs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "WallMilliseconds",
                table: "Runs",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "CpuMilliseconds",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "PeakMemory",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "WallMilliseconds",
                table: "Runs");
        }
    }
}
