/**
 * Whether a call of an allowed import passes only what serializers pass (requirement P-12).
 *
 * Each check returns null when the arguments are fine and a complaint otherwise. A value that is
 * not a literal, an allowed class or a container of such is a complaint.
 *
 * @module
 */
import type { CallRule } from './call-rule.ts';
import type { Global, Tuple, Value } from './value.ts';
import { NONE, isGlobal, textOf } from './value.ts';

const LATIN1 = new Set(['latin1', 'latin-1', 'iso-8859-1']);
const LAYOUTS = /^torch\.(?:strided|sparse_\w+|_mkldnn)$/;
const FACTORIES = new Set([
  'list',
  'dict',
  'int',
  'float',
  'set',
  'str',
  'tuple',
  'bool',
  'OrderedDict',
]);
const RANDOM = 'numpy.random._pickle';
const BIT_GENERATOR = '__bit_generator_ctor';
const MAX_REPEAT = 2 ** 28;

export function checkCall(rule: CallRule, args: Value): string | null {
  if (rule === 'any') return null;
  if (rule === 'value') return 'is called, although it is a value';
  if (args.kind !== 'tuple') return 'is called with computed arguments';
  return CHECKS[rule](args);
}

const CHECKS: Readonly<Record<Exclude<CallRule, 'any' | 'value'>, (args: Tuple) => string | null>> =
  {
    empty: ({ items }) => (items.length === 0 ? null : 'is called with arguments'),
    encode: ({ items }) => {
      const [value, codec] = items;
      const isText = value?.kind === 'text';
      if (items.length === 1) {
        return LAYOUTS.test(textOf(value) ?? '')
          ? null
          : 'is called with something else than a layout';
      }
      if (items.length === 2 && isText && LATIN1.has(textOf(codec) ?? '')) return null;
      return 'is called with something else than text and the codec latin1';
    },
    reconstructor: ({ items }) => {
      const [type, base, state] = items;
      if (items.length !== 3 || !isClass(type) || !isClass(base)) {
        return 'is called with something else than two allowed classes and a constant';
      }
      if (isGlobal(base, 'builtins', 'object') || isConstant(state)) return null;
      return 'is called with a computed state';
    },
    items: ({ items }) => {
      for (const item of items) {
        if (item.kind === 'int' && (item.value === null || item.value > MAX_REPEAT)) {
          return 'is called with a huge size';
        }
        if (!isConstant(item) && !isClass(item)) return 'is called with a computed value';
      }
      return null;
    },
    factory: ({ items }) => {
      const [factory] = items;
      if (factory === undefined || factory === NONE) return null;
      if (isClass(factory) && FACTORIES.has(factory.name)) return null;
      return 'calls something else than a plain container for every missing key';
    },
    'class-first': ({ items }) => {
      const [type] = items;
      if (isClass(type) || isMade(type, 'numpy', 'dtype')) return null;
      if (type?.kind === 'bytes' || type?.kind === 'int') return null;
      return 'is given something else than an allowed class first';
    },
    'two-classes': ({ items }) =>
      isClass(items[0]) && isClass(items[1])
        ? null
        : 'is given something else than two allowed classes first',
    // Both of these call what they are given.
    rebuild: ({ items }) => {
      const [rebuild, type] = items;
      return isClass(rebuild) && rebuild.module === 'torch._utils' && isClass(type)
        ? null
        : 'is given something else than a function of torch._utils and an allowed class';
    },
    random: ({ items }) => {
      const [generator, constructor] = items;
      const made = isMade(generator, RANDOM, BIT_GENERATOR);
      const plain = constructor === undefined || isGlobal(constructor, RANDOM, BIT_GENERATOR);
      const known =
        generator === undefined || made || generator.kind === 'text' || isGenerator(generator);
      return plain && known ? null : 'is given something else than a generator of numpy.random';
    },
    nested: ({ items }) =>
      items.length === 1 && items[0]?.kind === 'bytes' && items[0].start >= 0
        ? null
        : 'unpickles something else than literal bytes',
  };

function isClass(value: Value | undefined): value is Global {
  return value?.kind === 'global' && value.rule !== null;
}

function isGenerator(value: Value | undefined): boolean {
  return isClass(value) && value.module.startsWith('numpy.random._');
}

/** Whether the value is what a call of that import returned. */
function isMade(value: Value | undefined, module: string, name: string): boolean {
  return value?.kind === 'object' && isGlobal(value.callee, module, name);
}

function isConstant(value: Value | undefined): boolean {
  return value?.kind !== 'object' && value?.kind !== 'persistent' && value?.kind !== 'global';
}
