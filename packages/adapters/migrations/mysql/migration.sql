-- The collation tells "A" from "a": ids that differ in case alone are two messages.
CREATE TABLE `OnlyFansMessage` (
    `id` VARCHAR(257) NOT NULL,
    `body` LONGTEXT NULL,
    `storedAtMs` BIGINT NULL,
    `dueAtMs` BIGINT NULL,
    `deadAtMs` BIGINT NULL,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `claimToken` VARCHAR(64) NULL,
    `lastError` TEXT NULL,

    INDEX `OnlyFansMessage_dueAtMs_idx`(`dueAtMs`),
    INDEX `OnlyFansMessage_deadAtMs_idx`(`deadAtMs`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
