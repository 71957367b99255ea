import type { NextConfig } from 'next';

const config: NextConfig = {
  // The embedded queue of local mode is loaded by Node, and never in production.
  serverExternalPackages: ['fauxqs'],
  // Here `pnpm check` checks the types of everything. Leave this out in an app of your own.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'same-origin' },
      ],
    },
  ],
};

export default config;
