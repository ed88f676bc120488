import { partPlace, rulePlace } from '../evaluation/evaluation.messages.js';
import { type Config, type ConfigValue, type Criterion, isJsonObject } from '../model/index.js';

/** Describes a position in a config, e.g. `default rule 1, criterion 2`. Lazy: most positions are never reported. */
export type Place = () => string;

export interface PartVisitor {
  criterion(criterion: Criterion, place: Place): void;
  /** The value of a rule, or of each variant of a weighted value. */
  value(value: ConfigValue, place: Place): void;
}

/** Visits the parts of a config, rules of the environment first. Malformed parts are skipped. */
export function visitParts({ environment, default: defaults }: Config, visitor: PartVisitor): void {
  visitRules(environment?.rules, 'environment', visitor);
  visitRules(defaults?.rules, 'default', visitor);
}

function visitRules(rules: unknown, list: string, visitor: PartVisitor): void {
  forEachObject(rules, (rule, at) => {
    const place = (): string => rulePlace(list, at);
    forEachObject(rule['criteria'], (criterion, index) =>
      visitor.criterion(criterion as unknown as Criterion, () =>
        partPlace(place(), 'criterion', index),
      ),
    );
    const value = rule['value'];
    if (!isJsonObject(value)) return;
    if (value['type'] !== 'weighted_values') {
      visitor.value(value as unknown as ConfigValue, place);
      return;
    }
    const variants = isJsonObject(value['value']) ? value['value']['weightedValues'] : undefined;
    forEachObject(variants, (variant, index) => {
      if (!isJsonObject(variant['value'])) return;
      visitor.value(variant['value'] as unknown as ConfigValue, () =>
        partPlace(place(), 'variant', index),
      );
    });
  });
}

function forEachObject(
  list: unknown,
  visit: (entry: Record<string, unknown>, index: number) => void,
): void {
  if (!Array.isArray(list)) return;
  for (let index = 0; index < list.length; index++) {
    const entry: unknown = list[index];
    if (isJsonObject(entry)) visit(entry, index);
  }
}
