import { redisService } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { backlog, compare, obvious, ours } from './comparison.ts';
import { drain } from './drain.ts';

const { messages, limit, windowMs, maxReceiveCount } = backlog;
console.log(
  `${messages} messages of one account at once, ${limit} per ${windowMs / 1_000} s, maxReceiveCount ${maxReceiveCount}; about a minute …\n`,
);
const service = await redisService();
const redis = new Redis(service.url);
const figures = {
  ours: await drain(ours(redis, `baseline:${process.pid}`)),
  'the obvious handler': await drain(obvious),
};
console.log(compare(figures));
await redis.quit();
await service.stop();
