/** How people call the command: they rarely have it on their path. */
export const PROGRAM = 'nestjs-quonfig';

const meant = (suggestion: string | undefined): string =>
  suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;

export const commandUnknown = (name: string, suggestion: string | undefined): string =>
  `there is no command "${name}".${meant(suggestion)} ${PROGRAM} --help lists the commands.`;

export const optionUnknown = (
  option: string,
  command: string,
  suggestion: string | undefined,
): string =>
  `unknown option ${option}.${meant(suggestion)} ${PROGRAM} ${command} --help lists the options.`;

export const optionNeedsValue = (option: string, value: string): string =>
  `${option} needs a value: ${option} ${value}.`;

export const optionTakesNoValue = (option: string): string =>
  `${option} takes no value. Leave the value out.`;

export const optionRepeated = (option: string): string =>
  `${option} appears more than once. Pass it once.`;

export const choiceUnknown = (
  option: string,
  choices: readonly string[],
  suggestion: string | undefined,
): string => `${option} accepts ${choices.join(', ')}.${meant(suggestion)}`;

export const operandMissing = (command: string, usage: string): string =>
  `an argument is missing. Usage: ${PROGRAM} ${command} ${usage}`;

export const operandUnexpected = (operand: string, command: string, usage: string): string =>
  `"${operand}" is one argument too many. Quote arguments that contain spaces. Usage: ${PROGRAM} ${command} ${usage}`;

export const failedUnexpectedly = (command: string): string =>
  `${command} failed unexpectedly. Please report this, with the following lines:`;
