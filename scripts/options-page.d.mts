/** Returns the page with its generated list made anew from the option table. */
export function optionsPage(page: string, rows: object): string;
