using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Postgres
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
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PeakMemory",
                table: "Runs",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "WallMilliseconds",
                table: "Runs",
                type: "bigint",
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
