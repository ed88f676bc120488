export const furtherWarningsOmitted =
  'A thousand different warnings have been logged; further ones are left out. Mend what they name, and restart to see more.';
