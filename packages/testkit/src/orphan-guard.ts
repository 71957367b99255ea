import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * A shell that waits for the end of its input, which comes when this process is gone for whatever
 * reason, SIGKILL included, and then ends a server and removes its folder.
 */
export function guardAgainstOrphan(name: string, pid: number, folder: string): ChildProcess {
  const script = 'cat > /dev/null; kill -9 "$1"; rm -rf "$2"';
  const guard = spawn('sh', ['-c', script, `${name}-guard`, String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  // Node makes a pipe to a child a socket, which would keep this process alive as the child would.
  (guard.stdin as Socket).unref();
  return guard;
}
