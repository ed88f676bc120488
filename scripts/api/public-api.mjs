// TypeDoc plugin: `@publicApi` stands on every export of an entry, and on nothing else.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Converter, ReflectionKind } from 'typedoc';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const tag = '@publicApi';
const tagged =
  /\/\*\*(?:(?!\*\/)[^])*@publicApi(?:(?!\*\/)[^])*\*\/\s*(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/g;

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const exported = new Set();
    for (const reflection of project.getReflectionsByKind(ReflectionKind.SomeExport)) {
      if (!reflection.parent?.kindOf(ReflectionKind.Module)) continue;
      exported.add(reflection.name);
      const comments = [reflection, ...(reflection.signatures ?? [])].map(({ comment }) => comment);
      if (!comments.some((comment) => comment?.getTag(tag)))
        app.logger.warn(`${reflection.getFullName()} is exported from an entry, but has no ${tag}`);
      for (const comment of comments) comment?.removeTags(tag);
    }
    for (const { file, name } of taggedDeclarations()) {
      if (!exported.has(name)) app.logger.warn(`${name} (${file}) has ${tag}, but is not exported`);
    }
  });
}

function taggedDeclarations() {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.d.ts'),
  );
  return files.flatMap((file) =>
    Array.from(readFileSync(join(dist, file), 'utf8').matchAll(tagged), ([, name]) => ({
      file,
      name,
    })),
  );
}
