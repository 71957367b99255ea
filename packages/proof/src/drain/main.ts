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
const { receivesPerMessage, timeOverIdeal } = figures.ours;
if (receivesPerMessage > 2.5 || timeOverIdeal > 1.1) {
  console.log(
    '\nExpected ours to take at most 2.5 receives per message and 1.1 of the ideal time: is the machine busy?',
  );
  process.exitCode = 1;
}
await redis.quit();
await service.stop();
