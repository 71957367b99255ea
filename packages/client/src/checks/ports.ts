import { having, optional } from './values.ts';

export const clock = optional(having('nowMs', 'monotonicMs', 'sleep'));
export const ids = optional(having('next'));
export const logger = optional(having('debug', 'info', 'warn', 'error'));
export const metrics = optional(having('record'));
export const random = optional(having('next'));
export const sqs = optional(having('send'));
export const tracer = optional(having('startSpan'));
