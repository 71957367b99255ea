/** The name of a queue, which is the end of its URL and of its ARN. */
export function queueName(queue: string): string {
  return /[^/:]+$/.exec(queue)?.[0] ?? '';
}

/** What is wrong with what should name a queue, or undefined. */
export function queueNameProblem(queue: unknown): string | undefined {
  if (typeof queue === 'string' && /^[\w-]{1,80}(?:\.fifo)?$/.test(queueName(queue))) return undefined;
  return 'queue: expected the name, URL or ARN of a queue, found something else';
}
