export const tokensNotJson = (file: string): string =>
  `${file} is not valid JSON, so there is no "quonfig-user" context. Log in again with "qfg login", or set enableQuonfigUserContext to false.`;
