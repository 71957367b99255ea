import { timingSafeEqual, createHash } from 'node:crypto';
import { getServerSession, type NextAuthOptions } from 'next-auth';
import Credentials from 'next-auth/providers/credentials';

/** Who is signed in. */
export interface User {
  /** The account whose messages they send: the key that the limits apply to. */
  readonly account: string;
}

/**
 * One password for everybody: put your own provider here (https://next-auth.js.org/providers). Without
 * `DEMO_PASSWORD` nobody can sign in, except in `next dev`, where it is `demo`.
 */
const demoPassword =
  process.env['DEMO_PASSWORD'] ?? (process.env.NODE_ENV === 'development' ? 'demo' : undefined);

export const authOptions: NextAuthOptions = {
  secret:
    process.env['NEXTAUTH_SECRET'] ?? (process.env.NODE_ENV === 'development' ? 'development' : undefined),
  session: { strategy: 'jwt' },
  pages: { signIn: '/sign-in' },
  providers: [
    Credentials({
      credentials: { account: {}, password: {} },
      authorize: async (given) => {
        const account = given?.account?.trim();
        if (!account || !demoPassword || !sameText(given?.password ?? '', demoPassword)) return null;
        return { id: account, name: account };
      },
    }),
  ],
};

/** Who is signed in, by the session cookie. */
export async function currentUser(): Promise<User | undefined> {
  const session = await getServerSession(authOptions);
  const account = session?.user?.name;
  return account ? { account } : undefined;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Compares in a time that tells nothing of where two texts differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}
