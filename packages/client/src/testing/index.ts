export { fakeClock, type FakeClock } from './fake-clock.ts';
export {
  fallbackStoreContract,
  type FallbackStoreContractCase,
  type FallbackStoreContractOptions,
  type FallbackStoreUnderTest,
} from './fallback-store/contract.ts';
