export * from './check.ts';
export * from './engine.ts';
export * from './nearest.ts';
export * from './options.ts';
export * from './ports.ts';
export * from './queue.ts';
export * from './values.ts';
