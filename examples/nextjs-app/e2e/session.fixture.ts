import { PASSWORD } from './app.fixture.ts';

/** Somebody who is signed in, without a browser. */
export interface Session {
  /** The header that a browser would send. */
  readonly cookie: string;
}

/** Signs in as the form does. @throws {Error} when the app gave no session. */
export async function signInOverHttp(url: string, account: string, password = PASSWORD): Promise<Session> {
  const first = await fetch(`${url}/api/auth/csrf`);
  const { csrfToken } = (await first.json()) as { csrfToken: string };
  const answer = await fetch(`${url}/api/auth/callback/credentials`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(first) },
    body: new URLSearchParams({ csrfToken, account, password, json: 'true' }),
  });
  const cookie = cookiesOf(answer);
  if (!cookie.includes('session-token')) throw new Error(`expected a session, found ${answer.status}`);
  return { cookie: cookie.split('; ').find((one) => one.includes('session-token')) ?? '' };
}

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
