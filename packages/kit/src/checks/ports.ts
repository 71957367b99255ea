import { having, optional } from './values.ts';

// Marked as pure, here and beside them, so that a bundle holds only those that it uses.

export const clock = /* @__PURE__ */ optional(/* @__PURE__ */ having('nowMs', 'monotonicMs', 'sleep'));
export const ids = /* @__PURE__ */ optional(/* @__PURE__ */ having('next'));
export const logger = /* @__PURE__ */ optional(/* @__PURE__ */ having('debug', 'info', 'warn', 'error'));
export const metrics = /* @__PURE__ */ optional(/* @__PURE__ */ having('record'));
export const random = /* @__PURE__ */ optional(/* @__PURE__ */ having('next'));
export const sqs = /* @__PURE__ */ optional(/* @__PURE__ */ having('send'));
export const tracer = /* @__PURE__ */ optional(/* @__PURE__ */ having('startSpan'));
