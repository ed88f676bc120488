export const alreadyRegistered = (name: string | undefined): string =>
  `This registry has the metrics of a Quonfig service ${
    name === undefined ? 'without a name' : `named "${name}"`
  } already. Give each service of a registry its own name, or call the function that the first registration returned.`;
