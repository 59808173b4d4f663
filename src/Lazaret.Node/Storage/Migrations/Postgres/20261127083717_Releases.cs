using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Lazaret.Node.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Releases : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "PublishedAt",
                table: "Jobs",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AskedQueries",
                columns: table => new
                {
                    JobId = table.Column<Guid>(type: "uuid", nullable: false),
                    Query = table.Column<string>(type: "text", nullable: false),
                    Requester = table.Column<string>(type: "text", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AskedQueries", x => new { x.JobId, x.Query });
                });

            migrationBuilder.CreateTable(
                name: "DisclosureKeys",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    Content = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DisclosureKeys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LastBackup",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LastBackup", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LedgerSubjects",
                columns: table => new
                {
                    Index = table.Column<int>(type: "integer", nullable: false),
                    Tag = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LedgerSubjects", x => x.Index);
                });

            migrationBuilder.CreateTable(
                name: "OutcomeKinships",
                columns: table => new
                {
                    First = table.Column<string>(type: "text", nullable: false),
                    Second = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OutcomeKinships", x => new { x.First, x.Second });
                });

            migrationBuilder.CreateTable(
                name: "ReleaseGrants",
                columns: table => new
                {
                    Query = table.Column<string>(type: "text", nullable: false),
                    Project = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReleaseGrants", x => new { x.Project, x.Query });
                });

            migrationBuilder.CreateTable(
                name: "Releases",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Query = table.Column<string>(type: "text", nullable: false),
                    DataVersion = table.Column<string>(type: "text", nullable: false),
                    Outcome = table.Column<string>(type: "text", nullable: false),
                    JobId = table.Column<Guid>(type: "uuid", nullable: false),
                    Requester = table.Column<string>(type: "text", nullable: false),
                    State = table.Column<string>(type: "text", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Content = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Releases", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "Reviews",
                columns: table => new
                {
                    JobId = table.Column<Guid>(type: "uuid", nullable: false),
                    Reason = table.Column<string>(type: "text", nullable: false),
                    Rule = table.Column<string>(type: "text", nullable: true),
                    Detail = table.Column<string>(type: "text", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    DecidedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Reviews", x => x.JobId);
                    table.ForeignKey(
                        name: "FK_Reviews_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ReviewVotes",
                columns: table => new
                {
                    JobId = table.Column<Guid>(type: "uuid", nullable: false),
                    Steward = table.Column<string>(type: "text", nullable: false),
                    Verdict = table.Column<string>(type: "text", nullable: false),
                    Why = table.Column<string>(type: "text", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReviewVotes", x => new { x.JobId, x.Steward });
                    table.ForeignKey(
                        name: "FK_ReviewVotes_Reviews_JobId",
                        column: x => x.JobId,
                        principalTable: "Reviews",
                        principalColumn: "JobId",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AskedQueries_Requester_At",
                table: "AskedQueries",
                columns: new[] { "Requester", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_LedgerSubjects_Tag",
                table: "LedgerSubjects",
                column: "Tag",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Releases_JobId",
                table: "Releases",
                column: "JobId");

            migrationBuilder.CreateIndex(
                name: "IX_Releases_Query",
                table: "Releases",
                column: "Query",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Releases_State",
                table: "Releases",
                column: "State");

            migrationBuilder.CreateIndex(
                name: "IX_Reviews_DecidedAt",
                table: "Reviews",
                column: "DecidedAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AskedQueries");

            migrationBuilder.DropTable(
                name: "DisclosureKeys");

            migrationBuilder.DropTable(
                name: "LastBackup");

            migrationBuilder.DropTable(
                name: "LedgerSubjects");

            migrationBuilder.DropTable(
                name: "OutcomeKinships");

            migrationBuilder.DropTable(
                name: "ReleaseGrants");

            migrationBuilder.DropTable(
                name: "Releases");

            migrationBuilder.DropTable(
                name: "ReviewVotes");

            migrationBuilder.DropTable(
                name: "Reviews");

            migrationBuilder.DropColumn(
                name: "PublishedAt",
                table: "Jobs");
        }
    }
}
