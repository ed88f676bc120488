import { posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { portablePath, shownPath, uriOf } from '../../cli/output/shown-path.js';

describe('paths in reports', () => {
  it('a file below the working directory is shown relative to it', () => {
    expect(shownPath('workspace', 'configs/a.json', '/app', posix)).toBe(
      'workspace/configs/a.json',
    );
    expect(shownPath('workspace', 'configs/a.json', 'C:\\app', win32)).toBe(
      'workspace\\configs\\a.json',
    );
    expect(shownPath('.', 'quonfig.json', 'C:\\app', win32)).toBe('quonfig.json');
  });

  it('a file elsewhere, or on another drive, is shown with its whole path', () => {
    expect(shownPath('../other', 'configs/a.json', '/app', posix)).toBe('/other/configs/a.json');
    expect(shownPath('D:\\flags', 'configs/a.json', 'C:\\app', win32)).toBe(
      'D:\\flags\\configs\\a.json',
    );
    expect(shownPath('..hidden', 'configs/a.json', '/app', posix)).toBe('..hidden/configs/a.json');
  });

  it('reports for programs have forward slashes on every system', () => {
    expect(portablePath('workspace\\configs\\a.json', win32)).toBe('workspace/configs/a.json');
    expect(portablePath('odd\\name.json', posix)).toBe('odd\\name.json');
  });

  it('URIs are encoded, and absolute ones are file URIs', () => {
    expect(uriOf('my workspace\\configs\\a#b.json', win32)).toBe(
      'my%20workspace/configs/a%23b.json',
    );
    expect(uriOf('D:\\flags\\configs\\a.json', win32)).toBe('file:///D:/flags/configs/a.json');
    expect(uriOf('/flags/configs/a.json', posix)).toBe('file:///flags/configs/a.json');
  });
});
