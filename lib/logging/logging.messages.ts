export const furtherWarningsOmitted =
  'A thousand different warnings have been logged; further ones are omitted. Fix their causes, and restart to see more.';
