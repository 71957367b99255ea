import { startService } from './service.ts';
import { readSettings } from './settings.ts';

const service = await startService(readSettings(process.env));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void service.stop());
