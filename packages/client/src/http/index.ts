export { deny, type Authenticate, type Denial } from './access.ts';
export type { LazyClient } from './lazy-client.ts';
export { nodeListener, type NodeListenerOptions } from './node-listener.ts';
export { sendRoute, type Route, type Sender, type SendRouteOptions } from './send-route.ts';
export { statusRoute, type StatusReader, type StatusRouteOptions } from './status-route.ts';
