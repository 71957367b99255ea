import type { Redis } from 'ioredis';

/** A command's name and its arguments. */
export type Command = readonly string[];

/** The commands that scripts run on the server while something is done, as its monitor shows them. */
export async function recordCommands(redis: Redis, run: () => Promise<void>): Promise<readonly Command[]> {
  const monitor = await redis.monitor();
  const commands: Command[] = [];
  const end = `end-of-recording-${Math.random()}`;
  const ended = new Promise<void>((resolve) => {
    monitor.on('monitor', (_at: string, command: string[], source: string) => {
      if (command.includes(end)) resolve();
      else if (source === 'lua') commands.push(command);
    });
  });
  await run();
  await redis.echo(end);
  await ended;
  monitor.disconnect();
  return commands;
}
