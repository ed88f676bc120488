import { join } from 'node:path';
import { build } from 'esbuild';
import { optionalPackages, requireInModules } from '../bundlers.mjs';
import { run } from '../command.mjs';
import { compiled } from './tsc.mjs';

/** One file, bundled and minified by esbuild, in a folder without node_modules. */
export async function esbuild(lab, cell) {
  const source = await compiled(lab, cell);
  const format = cell.module;
  const extension = format === 'esm' ? '.mjs' : '.cjs';
  const cwd = await lab.once(`esbuild ${source}`, async () => {
    const outdir = await lab.temporary('quonfig-bundle-');
    await build({
      absWorkingDir: source,
      entryPoints: ['dist/main.js'],
      outdir,
      outExtension: { '.js': extension },
      bundle: true,
      minify: true,
      platform: 'node',
      format,
      ...(format === 'esm' && { banner: { js: requireInModules } }),
      external: optionalPackages,
      logLevel: 'silent',
    });
    return outdir;
  });
  return { file: await lab.node(cell.node), args: [`main${extension}`], cwd };
}

/** One file, bundled and minified by ncc, in a folder without node_modules. */
export async function ncc(lab, cell) {
  const source = await compiled(lab, cell);
  const tool = await lab.tools('ncc', ['@vercel/ncc@0.45.0']);
  const cwd = await lab.once(`ncc ${source}`, async () => {
    const outdir = await lab.temporary('quonfig-bundle-');
    const program = join(tool, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
    const args = [program, 'build', 'dist/main.js', '--minify', '--out', outdir];
    const printed = await run(process.execPath, args, { cwd: source });
    // When the minifier fails, ncc only prints this and writes the code as it is.
    if (printed.includes('will not be minified')) throw new Error(printed);
    return outdir;
  });
  return { file: await lab.node(cell.node), args: ['index.js'], cwd };
}
