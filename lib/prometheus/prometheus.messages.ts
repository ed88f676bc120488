export const alreadyRegistered = (name: string | undefined): string =>
  `This registry already has the metrics of ${
    name === undefined ? 'an unnamed Quonfig service' : `a Quonfig service named "${name}"`
  }. Give each service its own name, or first call the function that registerQuonfigMetrics returned.`;
