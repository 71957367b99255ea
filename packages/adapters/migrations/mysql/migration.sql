-- The collation tells "A" from "a": ids that differ in case alone are two messages.
CREATE TABLE `OnlyFansMessage` (
    `id` VARCHAR(257) NOT NULL,
    `body` LONGTEXT NULL,
    `storedAt` DATETIME(3) NULL,
    `dueAt` DATETIME(3) NULL,
    `deadAt` DATETIME(3) NULL,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `claimToken` VARCHAR(64) NULL,
    `lastError` TEXT NULL,

    INDEX `OnlyFansMessage_dueAt_idx`(`dueAt`),
    INDEX `OnlyFansMessage_deadAt_idx`(`deadAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
