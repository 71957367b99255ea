export { storedLimiter, type StoredLimiterOptions } from './limiter/stored/stored-limiter.ts';
export type {
  KeyChange,
  KeySnapshot,
  KeyStateStore,
  RecordChange,
} from './limiter/stored/key-state-store.ts';
