/** The command was called wrongly: exit code 2. The message is one line that ends with the remedy. */
export class MisuseError extends Error {}

/** The command cannot do its work: exit code 1. The message is one line that ends with the remedy. */
export class CommandError extends Error {}
