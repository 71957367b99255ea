CREATE TABLE "OnlyFansMessage" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "body" TEXT,
    "storedAtMs" BIGINT,
    "dueAtMs" BIGINT,
    "deadAtMs" BIGINT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claimToken" TEXT,
    "lastError" TEXT
);

CREATE INDEX "OnlyFansMessage_dueAtMs_idx" ON "OnlyFansMessage"("dueAtMs");
CREATE INDEX "OnlyFansMessage_deadAtMs_idx" ON "OnlyFansMessage"("deadAtMs");
