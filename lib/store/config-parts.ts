import { type Config, type ConfigValue, type Criterion, isJsonObject } from '../model/index.js';

/** Says where in a config something is, e.g. `default rule 0, criterion 1`. Text is only made when it is needed. */
export type Place = () => string;

export interface PartVisitor {
  criterion(criterion: Criterion, place: Place): void;
  /** The value of a rule, or of each variant of a split. */
  value(value: ConfigValue, place: Place): void;
}

/** Shows the parts of a config, rules of the environment first. What has another shape is left out. */
export function visitParts({ environment, default: defaults }: Config, visitor: PartVisitor): void {
  visitRules(environment?.rules, 'environment', visitor);
  visitRules(defaults?.rules, 'default', visitor);
}

function visitRules(rules: unknown, list: string, visitor: PartVisitor): void {
  forEachObject(rules, (rule, at) => {
    const place = (): string => `${list} rule ${at}`;
    forEachObject(rule['criteria'], (criterion, index) =>
      visitor.criterion(criterion as unknown as Criterion, () => `${place()}, criterion ${index}`),
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
      visitor.value(
        variant['value'] as unknown as ConfigValue,
        () => `${place()}, variant ${index}`,
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
