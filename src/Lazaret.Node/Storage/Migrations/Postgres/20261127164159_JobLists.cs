using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class JobLists : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Kind_Id",
                table: "Jobs",
                columns: new[] { "Kind", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Requester_Id",
                table: "Jobs",
                columns: new[] { "Requester", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Requester_PublishedAt",
                table: "Jobs",
                columns: new[] { "Requester", "PublishedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_State_Id",
                table: "Jobs",
                columns: new[] { "State", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Jobs_Kind_Id",
                table: "Jobs");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_Requester_Id",
                table: "Jobs");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_Requester_PublishedAt",
                table: "Jobs");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_State_Id",
                table: "Jobs");
        }
    }
}
