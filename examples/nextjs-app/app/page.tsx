import { redirect } from 'next/navigation';
import { Messenger } from '@/components/messenger.tsx';
import { currentUser } from '@/lib/auth.ts';

export default async function Page() {
  const user = await currentUser();
  if (!user) redirect('/sign-in');
  return <Messenger account={user.account} />;
}
