-- What a limiter knows of each key, and since when it knows: one row, which never expires. Both tables belong to it
-- alone. Emptying the first is safe at any time: every key then waits one window, as on a new one.
-- Room in each page lets PostgreSQL update rows in place.
CREATE TABLE "rate_limiter_keys" (
    "key" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "expires_at_ms" BIGINT,

    CONSTRAINT "rate_limiter_keys_pkey" PRIMARY KEY ("key")
) WITH (fillfactor = 50);

-- What it knows of each message that waits, or was delivered lately.
CREATE TABLE "rate_limiter_messages" (
    "key" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "expires_at_ms" BIGINT NOT NULL,

    CONSTRAINT "rate_limiter_messages_pkey" PRIMARY KEY ("key", "id")
) WITH (fillfactor = 80);

-- Expired rows are found by these.
CREATE INDEX "rate_limiter_keys_expires_at_ms_idx" ON "rate_limiter_keys"("expires_at_ms");
CREATE INDEX "rate_limiter_messages_expires_at_ms_idx" ON "rate_limiter_messages"("expires_at_ms");
