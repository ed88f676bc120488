import type { ModulesContainer } from '@nestjs/core';

type Name = string | undefined;

const applications = new WeakMap<ModulesContainer, InstanceNames>();

/** The names of all instances that an application starts with. */
export class InstanceNames {
  /** Absent once they have been taken: an instance that comes later may be one of many, such as one per request. */
  private names: Name[] | undefined = [];

  static of(modules: ModulesContainer): InstanceNames {
    const known = applications.get(modules) ?? new InstanceNames();
    applications.set(modules, known);
    return known;
  }

  add(name: Name): void {
    this.names?.push(name);
  }

  /** Returns the names to the first caller only, who checks them for all. */
  take(): readonly Name[] | undefined {
    const { names } = this;
    this.names = undefined;
    return names;
  }
}
