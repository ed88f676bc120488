export const wrongKind = (option: string, found: string, accepted: string): string =>
  `${option} is ${found}; accepted is ${accepted}.`;

export const notOptions = (found: string, accepted: string): string =>
  `the options are ${found}; accepted is ${accepted}.`;

export const unknownOption = (option: string, closest: string | undefined): string =>
  closest === undefined
    ? `${option} is not an option. Remove it.`
    : `${option} is not an option. Did you mean ${closest}?`;

export const misplacedExtra = (option: string): string =>
  `${option} is not an option of the service. Pass it to forRoot, or to forRootAsync beside the factory.`;

export const noSource = (): string =>
  'neither datadir nor datafile is given; one of them says where the configs come from.';

export const twoSources = (): string => 'datadir and datafile are both given; keep one of them.';

export const noFactory = (): string =>
  'forRootAsync was given none of useFactory, useClass and useExisting; give one of them.';

export const withoutEffect = (option: string): string =>
  `${option} has no effect with a datafile: it concerns a datadir. Remove it, or set datadir.`;
