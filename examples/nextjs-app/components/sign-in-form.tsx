'use client';
import { signIn } from 'next-auth/react';
import { useState, type SubmitEvent } from 'react';

export function SignInForm() {
  const [problem, setProblem] = useState<string>();

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { account, password } = Object.fromEntries(new FormData(event.currentTarget));
    const answer = await signIn('credentials', { account, password, redirect: false });
    if (answer?.ok) globalThis.location.assign('/');
    else setProblem('This account and password do not go together.');
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label htmlFor="account">Account</label>
      <input id="account" name="account" autoComplete="username" required maxLength={128} />
      <label htmlFor="password">Password</label>
      <input id="password" name="password" type="password" autoComplete="current-password" required />
      <p role="alert" className="problem">
        {problem}
      </p>
      <button type="submit">Sign in</button>
    </form>
  );
}
