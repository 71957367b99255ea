/** A value that is there already, or comes later. To await what is there costs turns of its own, so a hot path looks first. */
export type Maybe<Value> = Value | PromiseLike<Value>;

/** Goes on with a value: at once when it is there. */
export function andThen<Value, Next>(value: Maybe<Value>, goOn: (value: Value) => Maybe<Next>): Maybe<Next> {
  return isLater(value) ? value.then(goOn) : goOn(value);
}

/** Whether a value has to be awaited. */
export function isLater<Value>(value: Maybe<Value>): value is PromiseLike<Value> {
  return typeof (Object(value) as { readonly then?: unknown }).then === 'function';
}
