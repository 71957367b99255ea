export { onlyFansMessage, type OnlyFansMessage } from './only-fans-message.ts';
