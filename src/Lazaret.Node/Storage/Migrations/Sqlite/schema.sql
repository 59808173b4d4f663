-- 20261130223232_ReviewLedgers
-- A new database, as the migrations up to this one make it. Written by eng/add-migration.

CREATE TABLE "AdmittedViews" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AdmittedViews" PRIMARY KEY,
    "Version" TEXT NOT NULL
);

CREATE TABLE "AskedQueries" (
    "JobId" TEXT NOT NULL,
    "Query" TEXT NOT NULL,
    "Requester" TEXT NOT NULL,
    "At" TEXT NOT NULL,
    CONSTRAINT "PK_AskedQueries" PRIMARY KEY ("JobId", "Query")
);

CREATE TABLE "Audit" (
    "Sequence" INTEGER NOT NULL CONSTRAINT "PK_Audit" PRIMARY KEY AUTOINCREMENT,
    "At" TEXT NOT NULL,
    "Actor" TEXT NOT NULL,
    "Action" TEXT NOT NULL,
    "JobId" TEXT NULL,
    "Detail" TEXT NOT NULL
, "Proof" BLOB NULL);

CREATE TABLE "AuditChain" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_AuditChain" PRIMARY KEY,
    "Sequence" INTEGER NOT NULL,
    "Previous" BLOB NOT NULL,
    "Hash" BLOB NOT NULL
);

INSERT INTO "AuditChain" VALUES(0,0,X'0000000000000000000000000000000000000000000000000000000000000000',X'0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE "AuditCheckpoints" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_AuditCheckpoints" PRIMARY KEY,
    "Hash" BLOB NOT NULL,
    "Milliseconds" INTEGER NOT NULL,
    "PublicKey" BLOB NOT NULL,
    "Signature" BLOB NOT NULL
);

CREATE TABLE "AuthenticatorKeys" (
    "PersonId" TEXT NOT NULL CONSTRAINT "PK_AuthenticatorKeys" PRIMARY KEY,
    "Content" BLOB NOT NULL,
    CONSTRAINT "FK_AuthenticatorKeys_People_PersonId" FOREIGN KEY ("PersonId") REFERENCES "People" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Credentials" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Credentials" PRIMARY KEY,
    "RequesterId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Lookup" TEXT NOT NULL,
    "Content" BLOB NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ExpiresAt" TEXT NULL,
    "RevokedAt" TEXT NULL,
    CONSTRAINT "FK_Credentials_Requesters_RequesterId" FOREIGN KEY ("RequesterId") REFERENCES "Requesters" ("Id") ON DELETE CASCADE
);

CREATE TABLE "DisclosureKeys" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_DisclosureKeys" PRIMARY KEY,
    "Content" BLOB NOT NULL
);

CREATE TABLE "IssuerNames" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_IssuerNames" PRIMARY KEY,
    "Issuer" TEXT NOT NULL
);

CREATE TABLE "Jobs" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Jobs" PRIMARY KEY,
    "Kind" TEXT NOT NULL,
    "Requester" TEXT NOT NULL,
    "Request" TEXT NOT NULL,
    "IdempotencyKey" TEXT NULL,
    "RequestDigest" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "Attempts" INTEGER NOT NULL,
    "LeaseOwner" TEXT NULL,
    "LeaseExpiresAt" TEXT NULL,
    "Error" TEXT NULL,
    "Version" INTEGER NOT NULL
, "HostFaults" INTEGER NOT NULL DEFAULT 0, "NotBefore" TEXT NULL, "Priority" INTEGER NOT NULL DEFAULT 0, "Turn" INTEGER NOT NULL DEFAULT 0, "WebhookEndpointId" TEXT NULL, "Program" TEXT NULL, "Project" TEXT NULL, "PublishedAt" TEXT NULL);

CREATE TABLE "KnownKeys" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_KnownKeys" PRIMARY KEY,
    "Fingerprint" TEXT NOT NULL,
    "AddedAt" TEXT NOT NULL,
    "IsPrimary" INTEGER NOT NULL
);

CREATE TABLE "LastBackup" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_LastBackup" PRIMARY KEY,
    "At" TEXT NOT NULL
);

CREATE TABLE "LedgerSubjects" (
    "Index" INTEGER NOT NULL CONSTRAINT "PK_LedgerSubjects" PRIMARY KEY,
    "Tag" TEXT NOT NULL
);

CREATE TABLE "OutcomeKinships" (
    "First" TEXT NOT NULL,
    "Second" TEXT NOT NULL,
    CONSTRAINT "PK_OutcomeKinships" PRIMARY KEY ("First", "Second")
);

CREATE TABLE "Passkeys" (
    "CredentialId" BLOB NOT NULL CONSTRAINT "PK_Passkeys" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Data" TEXT NOT NULL,
    CONSTRAINT "FK_Passkeys_People_UserId" FOREIGN KEY ("UserId") REFERENCES "People" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Payloads" (
    "JobId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "Content" BLOB NOT NULL,
    CONSTRAINT "PK_Payloads" PRIMARY KEY ("JobId", "Name", "Attempt"),
    CONSTRAINT "FK_Payloads_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE
);

CREATE TABLE "People" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_People" PRIMARY KEY,
    "AcceptedStep" INTEGER NOT NULL,
    "UserName" TEXT NULL,
    "NormalizedUserName" TEXT NULL,
    "PasswordHash" TEXT NULL,
    "SecurityStamp" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL,
    "LockoutEnd" TEXT NULL,
    "AccessFailedCount" INTEGER NOT NULL,
    CONSTRAINT "FK_People_Requesters_Id" FOREIGN KEY ("Id") REFERENCES "Requesters" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Programs" (
    "Key" TEXT NOT NULL,
    "Version" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Manifest" TEXT NOT NULL,
    "Digest" TEXT NOT NULL,
    "Content" TEXT NOT NULL,
    "Environment" TEXT NOT NULL,
    "SignedBy" TEXT NULL,
    "AddedAt" TEXT NOT NULL,
    CONSTRAINT "PK_Programs" PRIMARY KEY ("Key", "Version")
);

CREATE TABLE "Projects" (
    "Key" TEXT NOT NULL CONSTRAINT "PK_Projects" PRIMARY KEY,
    "Title" TEXT NOT NULL,
    "Purpose" TEXT NOT NULL,
    "Members" TEXT NOT NULL,
    "Tasks" TEXT NOT NULL,
    "Scores" TEXT NOT NULL,
    "Outcomes" TEXT NOT NULL,
    "Masks" TEXT NOT NULL,
    "Models" TEXT NOT NULL,
    "MinimumCohort" INTEGER NOT NULL,
    "Quota" INTEGER NOT NULL,
    "Until" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ClosedAt" TEXT NULL
, "Former" TEXT NOT NULL DEFAULT '[]');

CREATE TABLE "ProtectionKeys" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_ProtectionKeys" PRIMARY KEY,
    "Content" BLOB NOT NULL
);

CREATE TABLE "ReleaseGrants" (
    "Query" TEXT NOT NULL,
    "Project" TEXT NOT NULL,
    CONSTRAINT "PK_ReleaseGrants" PRIMARY KEY ("Project", "Query")
);

CREATE TABLE "Releases" (
    "Sequence" INTEGER NOT NULL CONSTRAINT "PK_Releases" PRIMARY KEY AUTOINCREMENT,
    "Query" TEXT NOT NULL,
    "DataVersion" TEXT NOT NULL,
    "Outcome" TEXT NOT NULL,
    "JobId" TEXT NOT NULL,
    "Requester" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "At" TEXT NOT NULL,
    "Content" BLOB NOT NULL
);

CREATE TABLE "Requesters" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Requesters" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "Role" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "RevokedAt" TEXT NULL
);

CREATE TABLE "ReviewVotes" (
    "JobId" TEXT NOT NULL,
    "Steward" TEXT NOT NULL,
    "Verdict" TEXT NOT NULL,
    "Why" TEXT NOT NULL,
    "At" TEXT NOT NULL, "Asked" TEXT NULL,
    CONSTRAINT "PK_ReviewVotes" PRIMARY KEY ("JobId", "Steward"),
    CONSTRAINT "FK_ReviewVotes_Reviews_JobId" FOREIGN KEY ("JobId") REFERENCES "Reviews" ("JobId") ON DELETE CASCADE
);

CREATE TABLE "Reviews" (
    "JobId" TEXT NOT NULL CONSTRAINT "PK_Reviews" PRIMARY KEY,
    "Reason" TEXT NOT NULL,
    "Rule" TEXT NULL,
    "Detail" TEXT NOT NULL,
    "At" TEXT NOT NULL,
    "DecidedAt" TEXT NULL, "AssessedAt" TEXT NULL, "Ledgers" TEXT NOT NULL DEFAULT '',
    CONSTRAINT "FK_Reviews_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Runs" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Runs" PRIMARY KEY,
    "JobId" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "Backend" TEXT NOT NULL,
    "StartedAt" TEXT NOT NULL,
    "EndedAt" TEXT NULL,
    "Ending" TEXT NULL, "CpuMilliseconds" INTEGER NULL, "PeakMemory" INTEGER NULL, "WallMilliseconds" INTEGER NULL,
    CONSTRAINT "FK_Runs_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Sessions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Sessions" PRIMARY KEY,
    "Requester" TEXT NOT NULL,
    "Roles" TEXT NOT NULL,
    "Mode" TEXT NOT NULL,
    "DisplayName" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "SeenAt" TEXT NOT NULL
);

CREATE TABLE "SetupLinks" (
    "Hash" TEXT NOT NULL CONSTRAINT "PK_SetupLinks" PRIMARY KEY,
    "PersonId" TEXT NOT NULL,
    "ExpiresAt" TEXT NOT NULL,
    "UsedAt" TEXT NULL,
    CONSTRAINT "FK_SetupLinks_People_PersonId" FOREIGN KEY ("PersonId") REFERENCES "People" ("Id") ON DELETE CASCADE
);

CREATE TABLE "SpentTokens" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_SpentTokens" PRIMARY KEY,
    "ExpiresAt" TEXT NOT NULL
);

CREATE TABLE "TokenKeys" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_TokenKeys" PRIMARY KEY,
    "Content" BLOB NOT NULL,
    "CreatedAt" TEXT NOT NULL
);

CREATE TABLE "WebhookAttempts" (
    "DeliveryId" TEXT NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "At" TEXT NOT NULL,
    "Ending" TEXT NOT NULL,
    "Status" INTEGER NULL,
    "Milliseconds" INTEGER NOT NULL,
    CONSTRAINT "PK_WebhookAttempts" PRIMARY KEY ("DeliveryId", "Attempt"),
    CONSTRAINT "FK_WebhookAttempts_WebhookDeliveries_DeliveryId" FOREIGN KEY ("DeliveryId") REFERENCES "WebhookDeliveries" ("Id") ON DELETE CASCADE
);

CREATE TABLE "WebhookDeliveries" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WebhookDeliveries" PRIMARY KEY,
    "JobId" TEXT NOT NULL,
    "EndpointId" TEXT NOT NULL,
    "Type" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "Attempts" INTEGER NOT NULL,
    "Retries" INTEGER NOT NULL,
    "DueAt" TEXT NOT NULL,
    "Version" INTEGER NOT NULL,
    CONSTRAINT "FK_WebhookDeliveries_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_WebhookDeliveries_WebhookEndpoints_EndpointId" FOREIGN KEY ("EndpointId") REFERENCES "WebhookEndpoints" ("Id") ON DELETE CASCADE
);

CREATE TABLE "WebhookEndpoints" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WebhookEndpoints" PRIMARY KEY,
    "Requester" TEXT NOT NULL,
    "UrlDigest" TEXT NOT NULL,
    "Content" BLOB NOT NULL,
    "Host" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "LegacySignature" INTEGER NOT NULL,
    "DisabledAt" TEXT NULL
);

CREATE TABLE "WebhookSecrets" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WebhookSecrets" PRIMARY KEY,
    "Requester" TEXT NOT NULL,
    "Content" BLOB NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ExpiresAt" TEXT NULL
);

CREATE TABLE "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);

INSERT INTO "__EFMigrationsHistory" VALUES('20261122044543_Initial','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261124002035_Turns','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261124020811_Webhooks','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261124022801_Programs','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261124044618_RunUsage','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261126192744_KeysAndPrograms','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261126212201_AdmittedViews','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261127012703_AuditChain','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261127055829_Identity','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261127071100_IssuerNames','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261127083712_Releases','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261127164151_JobLists','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261129194517_FormerMembersAndQuestions','10.0.15');

INSERT INTO "__EFMigrationsHistory" VALUES('20261130223232_ReviewLedgers','10.0.15');

CREATE TABLE "__EFMigrationsLock" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY,
    "Timestamp" TEXT NOT NULL
);

CREATE UNIQUE INDEX "IX_Jobs_Requester_IdempotencyKey" ON "Jobs" ("Requester", "IdempotencyKey");

CREATE UNIQUE INDEX "IX_Runs_JobId_Attempt" ON "Runs" ("JobId", "Attempt");

CREATE TRIGGER Audit_NoUPDATE BEFORE UPDATE ON Audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE TRIGGER Audit_NoDELETE BEFORE DELETE ON Audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE TRIGGER Audit_NoREPLACE BEFORE INSERT ON Audit WHEN EXISTS (SELECT 1 FROM Audit WHERE Sequence = NEW.Sequence) BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE INDEX "IX_Jobs_State_Priority_Turn_CreatedAt" ON "Jobs" ("State", "Priority" DESC, "Turn", "CreatedAt");

CREATE INDEX "IX_WebhookDeliveries_EndpointId" ON "WebhookDeliveries" ("EndpointId");

CREATE UNIQUE INDEX "IX_WebhookDeliveries_JobId" ON "WebhookDeliveries" ("JobId");

CREATE INDEX "IX_WebhookDeliveries_State_DueAt" ON "WebhookDeliveries" ("State", "DueAt");

CREATE UNIQUE INDEX "IX_WebhookEndpoints_Requester_UrlDigest" ON "WebhookEndpoints" ("Requester", "UrlDigest");

CREATE INDEX "IX_WebhookSecrets_Requester" ON "WebhookSecrets" ("Requester");

CREATE UNIQUE INDEX "IX_AuditChain_Sequence" ON "AuditChain" ("Sequence");

CREATE TRIGGER AuditChain_NoUPDATE BEFORE UPDATE ON AuditChain BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE TRIGGER AuditChain_NoDELETE BEFORE DELETE ON AuditChain BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE TRIGGER AuditChain_NoREPLACE BEFORE INSERT ON AuditChain WHEN EXISTS (SELECT 1 FROM AuditChain WHERE Number = NEW.Number OR Sequence = NEW.Sequence) BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE TRIGGER AuditCheckpoints_NoUPDATE BEFORE UPDATE ON AuditCheckpoints BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE TRIGGER AuditCheckpoints_NoDELETE BEFORE DELETE ON AuditCheckpoints BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE TRIGGER AuditCheckpoints_NoREPLACE BEFORE INSERT ON AuditCheckpoints WHEN EXISTS (SELECT 1 FROM AuditCheckpoints WHERE Number = NEW.Number) BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;

CREATE INDEX "IX_Jobs_Project_CreatedAt" ON "Jobs" ("Project", "CreatedAt");

CREATE UNIQUE INDEX "IX_Credentials_Kind_Lookup" ON "Credentials" ("Kind", "Lookup");

CREATE INDEX "IX_Credentials_RequesterId" ON "Credentials" ("RequesterId");

CREATE INDEX "IX_Passkeys_UserId" ON "Passkeys" ("UserId");

CREATE UNIQUE INDEX "IX_People_NormalizedUserName" ON "People" ("NormalizedUserName");

CREATE UNIQUE INDEX "IX_Requesters_Name" ON "Requesters" ("Name");

CREATE INDEX "IX_Sessions_Requester" ON "Sessions" ("Requester");

CREATE INDEX "IX_SetupLinks_PersonId" ON "SetupLinks" ("PersonId");

CREATE INDEX "IX_SpentTokens_ExpiresAt" ON "SpentTokens" ("ExpiresAt");

CREATE INDEX "IX_AskedQueries_Requester_At" ON "AskedQueries" ("Requester", "At");

CREATE UNIQUE INDEX "IX_LedgerSubjects_Tag" ON "LedgerSubjects" ("Tag");

CREATE INDEX "IX_Releases_JobId" ON "Releases" ("JobId");

CREATE UNIQUE INDEX "IX_Releases_Query" ON "Releases" ("Query");

CREATE INDEX "IX_Releases_State" ON "Releases" ("State");

CREATE INDEX "IX_Reviews_DecidedAt" ON "Reviews" ("DecidedAt");

CREATE INDEX "IX_Jobs_Kind_Id" ON "Jobs" ("Kind", "Id");

CREATE INDEX "IX_Jobs_Requester_Id" ON "Jobs" ("Requester", "Id");

CREATE INDEX "IX_Jobs_Requester_PublishedAt" ON "Jobs" ("Requester", "PublishedAt");

CREATE INDEX "IX_Jobs_State_Id" ON "Jobs" ("State", "Id");
