import * as page from './page-assets.js';

/** A file that the page loads. */
interface Asset {
  /** Its name contains a hash of its content. */
  readonly file: string;
  readonly type: string;
  readonly text: string;
}

/** The files by name. */
export const assets: Readonly<Record<string, Asset>> = Object.fromEntries(
  [page.script, page.style, page.icon].map((asset) => [asset.file, asset]),
);

/**
 * The page. Everything in it is constant but the base.
 *
 * @param base where the files are, relative to the page
 */
export function pageHtml(base: string): string {
  const link = ({ file }: Asset): string => `${base}assets/${file}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Quonfig inspector</title>
<link rel="icon" href="${link(page.icon)}">
<link rel="stylesheet" href="${link(page.style)}">
<script type="module" src="${link(page.script)}"></script>
</head>
<body>
<div id="app"></div>
<noscript>The inspector needs JavaScript.</noscript>
</body>
</html>
`;
}
