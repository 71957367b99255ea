-- The table, for hosts that have none of this name. One that exists needs "id" to be its primary key, of type text,
-- and a default for whatever else may not be null. Its rows stay as they are.
CREATE TABLE IF NOT EXISTS "OnlyFansMessage" (
    "id" TEXT NOT NULL,

    CONSTRAINT "OnlyFansMessage_pkey" PRIMARY KEY ("id")
);

-- No row is rewritten. A column that exists already makes the migration fail as a whole: map ours to another name.
ALTER TABLE "OnlyFansMessage"
    ADD COLUMN "body" TEXT,
    ADD COLUMN "storedAtMs" BIGINT,
    ADD COLUMN "dueAtMs" BIGINT,
    ADD COLUMN "deadAtMs" BIGINT,
    ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "claimToken" TEXT,
    ADD COLUMN "lastError" TEXT;

-- Claims read the first, counts read both.
CREATE INDEX "OnlyFansMessage_dueAtMs_idx" ON "OnlyFansMessage"("dueAtMs");
CREATE INDEX "OnlyFansMessage_deadAtMs_idx" ON "OnlyFansMessage"("deadAtMs");
