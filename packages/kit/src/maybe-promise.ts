/** A value that is there already, or comes later. To await what is there costs turns, so a hot path looks first. */
export type MaybePromise<Value> = Value | PromiseLike<Value>;

/** Goes on with a value: at once when it is there. */
export function andThen<Value, Next>(
  value: MaybePromise<Value>,
  goOn: (value: Value) => MaybePromise<Next>,
): MaybePromise<Next> {
  return isPromise(value) ? value.then(goOn) : goOn(value);
}

/** Whether a value has to be awaited. */
export function isPromise<Value>(value: MaybePromise<Value>): value is PromiseLike<Value> {
  return typeof (Object(value) as { readonly then?: unknown }).then === 'function';
}
