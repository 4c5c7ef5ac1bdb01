/** Facts as plain values, for assertions. */
import type { ModelFacts } from '../../src/bom/model-facts.ts';
import { FactCollector } from '../../src/bom/model-facts.ts';

export interface PlainFacts extends Omit<ModelFacts, 'values' | 'elements'> {
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly elements: Readonly<Record<string, Readonly<Record<string, bigint>>>>;
}

export function factsOf(read: (facts: FactCollector) => void): PlainFacts {
  const collector = new FactCollector();
  read(collector);
  const facts = collector.finish();
  return {
    ...facts,
    values: Object.fromEntries(facts.values),
    elements: Object.fromEntries(
      [...facts.elements].map(([format, counts]) => [format, Object.fromEntries(counts)]),
    ),
  };
}
