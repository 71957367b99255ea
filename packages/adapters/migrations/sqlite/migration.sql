CREATE TABLE "OnlyFansMessage" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "body" TEXT,
    "storedAt" DATETIME,
    "dueAt" DATETIME,
    "deadAt" DATETIME,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claimToken" TEXT,
    "lastError" TEXT
);

CREATE INDEX "OnlyFansMessage_dueAt_idx" ON "OnlyFansMessage"("dueAt");
CREATE INDEX "OnlyFansMessage_deadAt_idx" ON "OnlyFansMessage"("deadAt");
