import { quotedName } from '../errors/quoted-name.js';

export const notOverridable = (key: string): string =>
  `${quotedName(key)} cannot be overridden: no flag or config has the key, or the value has another type. Nothing was run. Pass a value of the config's type; durations are strings such as "PT90S".`;
