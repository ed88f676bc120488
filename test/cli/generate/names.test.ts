import { win32 } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { linksFor, relativeLink } from '../../../cli/generate/links.js';
import { methodName, nameConflicts } from '../../../cli/generate/method-names.js';
import { placeholdersIn } from '../../../cli/generate/placeholders.js';
import { docComment, propertyName, quoted } from '../../../cli/generate/source-text.js';

describe('names of generated methods', () => {
  it.each([
    ['checkout.new-flow', 'checkoutNewFlow'],
    ['Checkout', 'checkout'],
    ['HTTP.port', 'httpPort'],
    ['snake_case', 'snake_case'],
    ['2fa', '_2fa'],
    ['wait.1.5', 'wait1_5'],
    ['then', '_then'],
    ['on.module.init', '_onModuleInit'],
    ['constructor', '_constructor'],
    ['__proto__', '___proto__'],
    ['größe.日本', 'größe日本'],
    ['"; evil()', 'evil'],
    ['*/', '_'],
    ['', '_'],
  ])('%j is %s()', (key, name) => {
    expect(methodName(key)).toBe(name);
  });

  it('nameConflicts returns the keys that would share a method', () => {
    expect([...nameConflicts(['a.b', 'a-b', 'c'])]).toEqual([['aB', ['a.b', 'a-b']]]);
  });
});

describe('strings in generated code', () => {
  it.each(["a'b", 'a\\', 'a\nb', 'a\u2028b', 'a\u202Eb', '\uD800', '\u0000', '`${x}`', '😀'])(
    'a string literal of %j evaluates to it and stays on one line',
    (text) => {
      const code = quoted(text);
      expect(code).not.toMatch(/[\n\r\u2028\u2029\u202E]/);
      expect(runInNewContext(code)).toBe(text);
    },
  );

  it('only ordinary names are property names without quotes', () => {
    expect(['ok', '$', '__proto__', 'a-b', '1a'].map(propertyName)).toEqual([
      'ok',
      '$',
      "'__proto__'",
      "'a-b'",
      "'1a'",
    ]);
  });

  it('no string ends a comment, adds a tag or reverses what an editor shows', () => {
    const comment = docComment(['a */ b', '@deprecated\n@internal x', 'c\u202Ed\u0007'], '');
    expect(comment).toBe(
      '/**\n * a *\\/ b\n *\n * \\@deprecated\n * \\@internal x\n *\n * c d\n */\n',
    );
  });

  it('long descriptions are cut', () => {
    expect(docComment(['x'.repeat(5_000)], '').length).toBeLessThan(1_100);
  });
});

describe('placeholders of a string', () => {
  it.each([
    [['Hi {{name}}, {{ user.plan }}'], ['name', 'user.plan']],
    [['{{{raw}}} {{&other}}'], ['other', 'raw']],
    [
      ['{{a}}', '{{b}} {{a}}'],
      ['a', 'b'],
    ],
    [['no {placeholders} {{ }} {{!comment}}'], []],
    [['{{#each}}{{name}}{{/each}}'], []],
    [['{{__proto__}}'], []],
  ])('the placeholders of %j are %j', (texts, names) => {
    expect(placeholdersIn(texts)).toEqual(names);
  });
});

describe('links of generated comments', () => {
  it('links lead from the generated file to the config', () => {
    expect(relativeLink('/app/src/generated', '/app/workspace/configs/a b).json')).toBe(
      '../../workspace/configs/a%20b%29.json',
    );
  });

  it('links have forward slashes on Windows, and none leads to another drive', () => {
    expect(relativeLink('C:\\app\\src', 'C:\\app\\ws\\configs\\a.json', win32)).toBe(
      '../ws/configs/a.json',
    );
    expect(relativeLink('C:\\app\\src', 'D:\\ws\\configs\\a.json', win32)).toBeUndefined();
  });

  it('generated comments can link to a page for each key', () => {
    const linkOf = linksFor('/app', 'https://example.com/{key}');
    expect(linkOf({ key: 'a/$&b', file: undefined })).toBe('https://example.com/a%2F%24%26b');
  });
});
