import { Redis } from 'ioredis';

/** What any function that talks to Redis has to load. */
export const redis = new Redis({ lazyConnect: true });
