import { SignInForm } from '@/components/sign-in-form.tsx';

export default function SignInPage() {
  return (
    <main className="narrow">
      <h1>Sign in</h1>
      <SignInForm />
    </main>
  );
}
