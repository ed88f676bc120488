export const contextUnreadable = (context: string, className: string): string =>
  `The context "${context}" is an instance of ${className} without properties of its own, so all its properties count as missing; getters of its class do not count. Pass a plain object, or give the class a toJSON() method.`;
