/** The parts of the syntax tree (ESTree) that the rule reads. */
interface Call {
  readonly callee: { readonly type: string; readonly name?: string };
  readonly arguments: readonly unknown[];
}

interface Context {
  report(problem: { readonly node: Call; readonly message: string }): void;
}

const namesDate = ({ callee }: Call) => callee.type === 'Identifier' && callee.name === 'Date';

/** Finds `new Date()` and `Date()`, which read the clock. With an argument, `new Date` only converts. */
const noCurrentDate = {
  create(context: Context) {
    const message = 'the current time comes from a Clock: pass clock.nowMs() to new Date';
    return {
      NewExpression(node: Call) {
        if (namesDate(node) && node.arguments.length === 0) context.report({ node, message });
      },
      CallExpression(node: Call) {
        if (namesDate(node)) context.report({ node, message });
      },
    };
  },
};

/** Rules of the house that oxlint does not have, in the form of an ESLint plugin. */
const plugin = { meta: { name: 'huntaze' }, rules: { 'no-current-date': noCurrentDate } };

export default plugin;
